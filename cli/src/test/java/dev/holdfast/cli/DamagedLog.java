package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Creates logs in which a byte of an acknowledged record is changed. */
final class DamagedLog {
    private static final String RECORD = "the record that will be damaged";

    private DamagedLog() {}

    /** Creates a closed log whose second record is damaged. */
    static Path at(Path directory) throws IOException {
        String lines = "first\n" + RECORD + "\n" + "another record\n".repeat(100);
        Tool.Result result = Tool.run(lines.getBytes(StandardCharsets.US_ASCII), "append", directory);
        assertThat(result.exitCode()).isZero();
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.toList();
        }
        for (Path file : files) {
            String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            String damaged = bytes.replace(RECORD, RECORD.replace("will", "Will"));
            if (!damaged.equals(bytes)) {
                Files.write(file, damaged.getBytes(StandardCharsets.ISO_8859_1));
                return directory;
            }
        }
        throw new AssertionError("no file contains the record");
    }
}
