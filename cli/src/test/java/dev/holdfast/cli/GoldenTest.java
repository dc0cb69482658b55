package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares the output of the tool, run as a process of its own, with files beside this class. */
class GoldenTest {
    @TempDir
    private Path parent;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "append",
                "bench",
                "cat",
                "completion",
                "copy",
                "demo",
                "info",
                "repair",
                "reset",
                "trim",
                "truncate",
                "verify"
            })
    void helpEqualsTheGoldenFile(String command) throws IOException, InterruptedException {
        Tool.Result result = command.isEmpty() ? run("--help") : run(command, "--help");
        assertThat(result.exitCode()).isZero();
        assertGolden(command.isEmpty() ? "help.txt" : "help-" + command + ".txt", result.outText());
    }

    @Test
    void completionContainsCommandsAndOptions() throws IOException, InterruptedException {
        Tool.Result result = run("completion");
        assertThat(result.exitCode()).isZero();
        assertThat(result.outText())
                .contains("info cat append verify truncate trim reset repair copy demo bench completion")
                .contains("'--drop-from'")
                .doesNotContain("warm-up", "demo-writer");
    }

    @Test
    void completionCompletesDirectoriesOfLogs() throws IOException, InterruptedException {
        String script = run("completion").outText();
        for (String command :
                List.of("info", "cat", "append", "verify", "truncate", "trim", "reset", "repair", "copy")) {
            int begin = script.indexOf("function _picocli_holdfast_" + command + "() {");
            assertThat(script.substring(begin, script.indexOf("\n}\n", begin)))
                    .as(command)
                    .contains("positionals=$( compgen -f -- \"${curr_word}\" ) # files");
        }
    }

    @Test
    void infoOfAClosedLogEqualsTheGoldenFiles() throws IOException, InterruptedException {
        Path log = parent.resolve("log");
        assertThat(Tool.runProcess("one\ntwo\nthree\n".getBytes(StandardCharsets.US_ASCII), "append", log)
                        .exitCode())
                .isZero();
        assertGolden("info-closed.txt", info(log));
        assertGolden("info-segments.txt", info(log, "--segments"));
        assertGolden("info-closed.json", info(log, "--json"));
    }

    @Test
    void outputAboutAStoreEqualsTheGoldenFiles() throws IOException, InterruptedException {
        Path store = SampleStore.at(parent.resolve("store"));
        assertGolden("info-store.txt", info(store));
        assertGolden("info-store.json", info(store, "--json"));
        assertGolden("verify-store.txt", run("verify", store).outText());
    }

    @Test
    void infoReportsThatALogWasNotClosed() throws IOException, InterruptedException {
        Path log = parent.resolve("log");
        Process writer = Tool.start("append", log, "--print-ids");
        try (OutputStream in = writer.getOutputStream()) {
            in.write("one\ntwo\n".getBytes(StandardCharsets.US_ASCII));
            in.flush();
            assertThat(writer.getInputStream().readNBytes(4)).asString().isEqualTo("1\n2\n");
            writer.toHandle().destroyForcibly();
            writer.waitFor();
        }
        assertThat(info(log)).contains("last id: 2\n", "ended: not closed: a process was killed or power failed\n");
        assertThat(info(log)).contains("locked by: nobody\n");
    }

    private static Tool.Result run(Object... arguments) throws IOException, InterruptedException {
        return Tool.runProcess(new byte[0], arguments);
    }

    private String info(Path log, Object... options) throws IOException, InterruptedException {
        Tool.Result result =
                run(Stream.concat(Stream.of("info", log), Stream.of(options)).toArray());
        assertThat(result.exitCode()).as(result.err()).isZero();
        return result.outText()
                .replace(log.toRealPath().toString(), "DIR")
                .replaceAll("[0-9-]{10}T[0-9:]{8}Z", "TIME")
                .replaceAll("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "LOG-ID");
    }

    private static void assertGolden(String name, String text) throws IOException {
        try (InputStream golden = GoldenTest.class.getResourceAsStream(name)) {
            assertThat(golden).as(name).isNotNull();
            assertThat(text).isEqualTo(new String(golden.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
