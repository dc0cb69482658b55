package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs the demo with real processes. It must find no loss in the real log, and must find a loss in each log that is
 * broken on purpose.
 */
class DemoCommandTest {
    @TempDir
    private Path parent;

    @Test
    void demoFindsNoLossAndDeletesItsFiles() throws IOException {
        Files.writeString(parent.resolve("mine"), "not the demo's");
        Tool.Result result = Tool.run("demo", "--rounds", 3, "--cuts", 300, "--seed", 1, "--dir", parent);
        assertThat(result.exitCode()).as(result.err()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.outText())
                .contains("Part 1: 3 kills", "seed 1,", "Part 2: ", "Part 3: ")
                .containsPattern("\n    1 +\\d+ +\\d+ +\\d+ +\\d+ +\\d+ +\\d+ +\\d+\\.\\d ms")
                .containsPattern("\n    3 ")
                .containsPattern("\\d+ appends per second; p50 \\d+ us, p99 \\d+ us, p99.9 \\d+ us");
        assertThat(names()).containsExactly("mine");
    }

    @Test
    void wipedRecordIsALoss() throws IOException {
        Tool.Result result = Tool.run("demo", "--rounds", 3, "--dir", parent, "--sabotage", "WIPE_LAST_ACKNOWLEDGED");
        assertLoss(result);
        assertThat(result.err()).contains("round 1: ");
        assertThat(names()).hasSize(1); // the evidence is kept
        assertThat(result.outText()).contains("The files are in ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"IGNORE_SYNCS", "UNSYNCED_RECOVERY"})
    void ignoredSyncsAreALoss(String sabotage) throws IOException {
        Tool.Result result = Tool.run("demo", "--rounds", 1, "--seed", 5, "--dir", parent, "--sabotage", sabotage);
        assertLoss(result);
        assertThat(result.err()).contains("after a simulated crash: ", "; replay ");
        assertThat(names()).isEmpty();
    }

    @Test
    void writerThatDoesNotStartIsAFailureAndNotALoss() {
        String java = System.getProperty("java.home");
        try {
            System.setProperty("java.home", parent.resolve("missing").toString());
            Tool.Result result = Tool.run("demo", "--rounds", 1, "--dir", parent);
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err()).startsWith("holdfast: ").hasLineCount(1);
        } finally {
            System.setProperty("java.home", java);
        }
    }

    @Test
    void writerThatEndsByItselfIsAFailureAndNotALoss() {
        String classPath = System.getProperty("java.class.path");
        try {
            System.setProperty("java.class.path", parent.toString());
            Tool.Result result = Tool.run("demo", "--rounds", 1, "--dir", parent);
            assertThat(result.exitCode()).isEqualTo(2);
            assertThat(result.err())
                    .startsWith("holdfast: the demo's writer ended by itself before the kill, with exit code 1: ")
                    .hasLineCount(1);
        } finally {
            System.setProperty("java.class.path", classPath);
        }
    }

    private static void assertLoss(Tool.Result result) {
        assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("holdfast: LOSS, ")
                .contains("seed ")
                .hasLineCount(1);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(parent)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
