package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every row of the table has as many columns as its head, whatever files are in the log's directory. */
class InfoSegmentsTest {
    @TempDir
    private Path parent;

    @Test
    void foreignFileNameBreaksNeitherColumnsNorTerminal() throws IOException {
        Path log = parent.resolve("log");
        assertThat(Tool.run("one\n".getBytes(StandardCharsets.US_ASCII), "append", log)
                        .exitCode())
                .isZero();
        Files.writeString(log.resolve("a\tb\u001b[31m\nc"), "foreign");
        String table = Tool.run("info", log, "--segments").outText();
        assertThat(table).contains("\na b [31m c\tother\t").doesNotContain("\u001b");
        assertThat(table.lines().map(line -> line.split("\t", -1).length)).containsOnly(7);
    }
}
