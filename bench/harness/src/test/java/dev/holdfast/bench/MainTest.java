package dev.holdfast.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bench.run.ClassPaths;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every failure is one line on standard error and exit code 2. */
class MainTest {
    @TempDir
    private Path parent;

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @ParameterizedTest
    @ValueSource(strings = {"--unknown", "--rounds x", "--only Nobody", "--workload W99", "another"})
    void wrongUsageExitsWithCode2(String line) {
        assertThat(run(line.split(" "))).isEqualTo(2);
        assertThat(text())
                .startsWith("holdfast: ")
                .endsWith(" (see holdfast bench --help)\n")
                .hasLineCount(1);
    }

    @Test
    void failureIsOneLineAndDebugAddsTheStackTrace() {
        String missing = parent.resolve("missing").toString();
        assertThat(run("--only", "Holdfast", "--dir", missing)).isEqualTo(2);
        assertThat(text()).startsWith("holdfast: ").contains(missing).hasLineCount(1);
        err.reset();
        assertThat(run("--only", "Holdfast", "--debug", "--dir", missing)).isEqualTo(2);
        assertThat(text()).startsWith("holdfast: ").contains(missing, "\tat ");
    }

    @Test
    void missingJmhIsReportedInOneLine() {
        assertThat(run("jmh", "Codec")).isEqualTo(2);
        assertThat(text()).startsWith("holdfast: ").hasLineCount(1);
    }

    private int run(String... arguments) {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return Main.run(new ClassPaths(parent, "none"), stream, arguments);
    }

    private String text() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
