package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class CatCommandTest {
    @TempDir
    private Path parent;

    private Path log = Path.of("");

    @BeforeEach
    void appendFiveRecords() {
        log = parent.resolve("log");
        append("one\ntwo\nthree\nfour\nfive\n");
    }

    @Test
    void allRecordsArePrinted() {
        assertThat(cat()).isEqualTo("one\ntwo\nthree\nfour\nfive\n");
    }

    @Test
    void bothBoundsAreInclusive() {
        assertThat(cat("--from", 2, "--to", 4)).isEqualTo("two\nthree\nfour\n");
        assertThat(cat("--from=3", "--to=3")).isEqualTo("three\n");
    }

    @Test
    void eitherBoundMayBeOmitted() {
        assertThat(cat("--from", 4)).isEqualTo("four\nfive\n");
        assertThat(cat("--to", 2)).isEqualTo("one\ntwo\n");
    }

    @Test
    void atMostTheLimitIsPrinted() {
        assertThat(cat("--limit", 2)).isEqualTo("one\ntwo\n");
        assertThat(cat("--from", 4, "--limit", 7)).isEqualTo("four\nfive\n");
        assertThat(cat("--last", 3, "--limit", 2)).isEqualTo("three\nfour\n");
        assertThat(cat("--from", 2, "--to", 3, "--limit", 7)).isEqualTo("two\nthree\n");
        assertThat(cat("--limit", 0)).isEmpty();
        assertThat(cat("--follow", "--limit", 5)).isEqualTo("one\ntwo\nthree\nfour\nfive\n");
    }

    @Test
    void idsOutsideOfTheLogAreNotAnError() {
        assertThat(cat("--from", 0, "--to", 1)).isEqualTo("one\n");
        assertThat(cat("--from", 6)).isEmpty();
        assertThat(cat("--from", Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void directoryMayHaveTheNameOfAnOption() {
        Path odd = parent.resolve("@odd");
        assertThat(Tool.run(bytes("x\n"), "append", odd).exitCode()).isZero();
        assertThat(Tool.run("cat", odd).outText()).isEqualTo("x\n");
    }

    @Test
    void readingDoesNotChangeTheLog() throws IOException {
        String before = files();
        cat();
        assertThat(Tool.run("info", log).exitCode()).isZero();
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void readerThatStopsEarlyIsNotAFailure() throws IOException, InterruptedException {
        append(IntStream.range(0, 200_000).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining()));
        Process process = Tool.start("cat", log);
        process.getOutputStream().close();
        try (BufferedReader head =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            assertThat(head.readLine()).isEqualTo("one");
        }
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(err).isEmpty();
    }

    @Test
    @EnabledIf("thereIsAFullDevice")
    void fullDiskForTheOutputIsAFailure() throws IOException, InterruptedException {
        for (String command : new String[] {"cat", "info"}) {
            Process process = Tool.builder(command, log)
                    .redirectOutput(new File("/dev/full"))
                    .start();
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isEqualTo(2);
            assertThat(err).startsWith("holdfast: standard output: ").hasLineCount(1);
        }
    }

    @Test
    void openLogOfAnotherProcessCanBeRead() throws IOException, InterruptedException {
        Process writer = Tool.start("append", log, "--print-ids");
        try (OutputStream in = writer.getOutputStream();
                BufferedReader ids =
                        new BufferedReader(new InputStreamReader(writer.getInputStream(), StandardCharsets.US_ASCII))) {
            in.write(bytes("six\n"));
            in.flush();
            assertThat(ids.readLine()).isEqualTo("6");
            assertThat(cat()).startsWith("one\ntwo\nthree\nfour\nfive\n");
            assertThat(Tool.run("info", log).outText())
                    .contains("ended: not yet: the log is open\n", "locked by: process " + writer.pid());
        }
        assertThat(writer.waitFor()).isZero();
        assertThat(cat("--from", 6)).isEqualTo("six\n");
    }

    static boolean thereIsAFullDevice() {
        return Files.exists(Path.of("/dev/full"));
    }

    private String files() throws IOException {
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(log)) {
            for (Path file : files.sorted().toList()) {
                text.append(file.getFileName()).append(' ').append(Files.getLastModifiedTime(file));
                text.append(' ').append(Files.size(file)).append('\n');
            }
        }
        return text.toString();
    }

    private String cat(Object... options) {
        Object[] arguments =
                Stream.concat(Stream.of("cat", log), Stream.of(options)).toArray();
        Tool.Result result = Tool.run(arguments);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.err()).isEmpty();
        return result.outText();
    }

    private void append(String lines) {
        assertThat(Tool.run(bytes(lines), "append", log).exitCode()).isZero();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
