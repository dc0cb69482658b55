package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes write and read lines; the output must equal the input. */
class RoundTripTest {
    private static final int LINES = 100_000;

    @TempDir
    private Path parent;

    @Test
    void generatedLinesSurviveARoundTrip() throws IOException, InterruptedException {
        long seed = new SplittableRandom().nextLong();
        System.out.println("RoundTripTest: seed " + seed);
        byte[] input = generate(new SplittableRandom(seed));
        String ids = roundTrip(input, LINES);
        assertThat(ids.lines().skip(LINES - 1).toList()).containsExactly(Integer.toString(LINES));
    }

    @Test
    void textFilesOfTheJdkSurviveARoundTrip() throws IOException, InterruptedException {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        Path java = Path.of(System.getProperty("java.home"));
        try (Stream<Path> files = Stream.of("lib/classlist", "release", "conf/security/java.security")
                .map(java::resolve)
                .filter(Files::isReadable)) {
            for (Path file : files.toList()) {
                text.write(Files.readAllBytes(file));
            }
        }
        byte[] input = text.toByteArray();
        assertThat(input.length).isGreaterThan(1000);
        roundTrip(input, new String(input, StandardCharsets.ISO_8859_1).lines().count());
    }

    private String roundTrip(byte[] input, long lines) throws IOException, InterruptedException {
        Path log = parent.resolve("log");
        Tool.Result appended = Tool.runProcess(input, "append", log, "--print-ids");
        assertThat(appended.exitCode()).as(appended.err()).isZero();
        assertThat(appended.err()).contains(" s, ids 1..").hasLineCount(1);
        assertThat(appended.outText()).hasLineCount(Math.toIntExact(lines));

        Tool.Result shown = Tool.runProcess(new byte[0], "cat", log);
        assertThat(shown.exitCode()).as(shown.err()).isZero();
        assertThat(shown.out()).isEqualTo(input);
        return appended.outText();
    }

    /** Generates lines of arbitrary bytes. Most are short; some have the maximum length. */
    private static byte[] generate(SplittableRandom random) {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (int i = 0; i < LINES; i++) {
            int longest = i % 1000 == 0 ? 100_000 : i == LINES / 2 ? LogRecord.MAX_DATA_BYTES : 200;
            byte[] line = new byte[i == LINES / 2 ? longest : random.nextInt(longest)];
            random.nextBytes(line);
            for (int b = 0; b < line.length; b++) {
                line[b] = line[b] == '\n' ? 0 : line[b];
            }
            lines.writeBytes(line);
            lines.write('\n');
        }
        return lines.toByteArray();
    }
}
