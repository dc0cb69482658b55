package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Colours, pictures and progress appear on a terminal and nowhere else. The program {@code script} provides the
 * terminal; without it the tests are skipped.
 */
class TerminalTest {
    private static final String ESCAPE = "\u001b";

    @TempDir
    private Path parent;

    @BeforeEach
    void appendSome() throws IOException, InterruptedException {
        boolean scripts;
        try {
            scripts = new ProcessBuilder("script", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            scripts = false;
        }
        assumeThat(scripts).as("the program script of util-linux is installed").isTrue();
        assertThat(Tool.run("one\ntwo\n".getBytes(StandardCharsets.US_ASCII), "append", log())
                        .exitCode())
                .isZero();
    }

    @Test
    void logIsDrawnInColoursUnlessColoursAreOff() throws IOException, InterruptedException {
        String coloured = onTerminal(Map.of("TERM", "xterm", "NO_COLOR", ""), "info", log());
        assertThat(coloured).contains("records: 2").contains(ESCAPE + "[33m").contains("tail, used and free");
        String plain = onTerminal(Map.of("TERM", "xterm", "NO_COLOR", "1"), "info", log());
        assertThat(plain).contains("records: 2").contains("tail, used and free").doesNotContain(ESCAPE);
        assertThat(Tool.run("info", log()).outText()).doesNotContain(ESCAPE, "tail, used and free");
    }

    @Test
    void tablesAreAlignedAndProgressIsDrawn() throws IOException, InterruptedException {
        String segments = onTerminal(Map.of("TERM", "xterm"), "info", log(), "--segments");
        assertThat(segments).contains("tail          1        2").doesNotContain("\t");
        assertThat(Tool.run("info", log(), "--segments").outText()).contains("\ttail\t1\t2\t");
        String verified = onTerminal(Map.of("TERM", "xterm"), "verify", log());
        // The rate appears after a second; percentage, amount, elapsed and remaining time appear at once.
        assertThat(verified)
                .containsPattern("verify +100% .* ([0-9]+)/\\1 MB \\([0-9:]+ / [0-9:]+\\) ([?]|[0-9.]+) ?MB/s")
                .contains("damaged places: 0");
        assertThat(Tool.run("verify", log()).err()).isEmpty();
        assertThat(onTerminal(Map.of("TERM", "xterm"), "copy", log(), parent.resolve("copy")))
                .containsPattern("copy +100% .* MB/s")
                .containsPattern("verify +100% .* MB/s");
    }

    @Test
    void progressIsPlainWithoutColours() throws IOException, InterruptedException {
        Map<String, String> coloured = Map.of("TERM", "xterm", "NO_COLOR", "", "LC_ALL", "C.UTF-8");
        assertThat(onTerminal(coloured, "verify", log())).contains(ESCAPE + "[33m");
        for (Map<String, String> plain : List.of(
                Map.of("TERM", "xterm", "NO_COLOR", "1", "LC_ALL", "C.UTF-8"),
                Map.of("TERM", "dumb", "NO_COLOR", "", "LC_ALL", "C.UTF-8"),
                Map.of("TERM", "xterm", "NO_COLOR", "", "LC_ALL", "C"))) {
            assertThat(onTerminal(plain, "verify", log()))
                    .as("%s", plain)
                    .containsPattern("verify +100% \\[=+\\]")
                    .doesNotContain(ESCAPE, "???");
        }
    }

    private String onTerminal(Map<String, String> environment, Object... arguments)
            throws IOException, InterruptedException {
        String command = Tool.command(List.of(), arguments).stream()
                .map(word -> "'" + word + "'")
                .collect(Collectors.joining(" "));
        Path typescript = parent.resolve("typescript");
        ProcessBuilder builder = new ProcessBuilder("script", "-qec", command, typescript.toString());
        builder.environment().putAll(environment);
        Tool.Result result = Tool.finish(builder.start(), new byte[0]);
        Files.delete(typescript);
        assertThat(result.exitCode()).as(result.outText()).isZero();
        return result.outText();
    }

    private Path log() {
        return parent.resolve("log");
    }
}
