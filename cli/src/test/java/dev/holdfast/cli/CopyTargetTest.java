package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A copy never writes into the directory of the log. */
class CopyTargetTest {
    @TempDir
    private Path parent;

    @BeforeEach
    void appendSome() {
        assertThat(Tool.run("one\n".getBytes(StandardCharsets.US_ASCII), "append", log())
                        .exitCode())
                .isZero();
    }

    @Test
    void copyInsideOfTheLogIsRefused() throws IOException {
        Path inside = log().resolve("inside");
        List<Path> before = files();
        assertRefused(log(), inside);
        Path link = Files.createSymbolicLink(parent.resolve("link"), log());
        assertRefused(log(), link.resolve("inside"));
        assertRefused(link, inside);
        assertThat(files()).isEqualTo(before);

        Path deeper = Files.createDirectory(log().resolve("deeper"));
        assertRefused(log(), deeper.resolve("inside"));
        assertThat(deeper).isEmptyDirectory();
    }

    @Test
    void copyBesideTheLogMayHaveANameWithTheSamePrefix() {
        assertThat(Tool.run("copy", log(), parent.resolve("log-copy")).exitCode())
                .isZero();
    }

    private static void assertRefused(Path log, Path target) {
        Tool.Result result = Tool.run("copy", log, target);
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err())
                .startsWith("holdfast: " + target + ": ")
                .contains("inside the log's directory")
                .hasLineCount(1);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(log())) {
            return all.sorted().toList();
        }
    }

    private Path log() {
        return parent.resolve("log");
    }
}
