package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool prints UTF-8 in every locale, and reports a name that the locale cannot encode. */
class LocaleTest {
    @TempDir
    private Path parent;

    @Test
    void outputIsUtf8AlsoWhereTheDefaultCharsetIsNot() throws IOException, InterruptedException {
        Path log = log();
        List<String> latin1 = List.of("-Dfile.encoding=ISO-8859-1");
        for (String option : List.of("--json", "--debug")) {
            Tool.Result info = Tool.finish(process("C.UTF-8", Tool.command(latin1, "info", log, option)), new byte[0]);
            assertThat(info.exitCode()).as(info.err()).isZero();
            assertThat(new String(info.out(), StandardCharsets.UTF_8)).contains("/\u00fc/log");
        }
        Tool.Result failure =
                Tool.finish(process("C.UTF-8", Tool.command(latin1, "info", log.resolve("missing"))), new byte[0]);
        assertThat(failure.err()).contains("/\u00fc/log/missing: there is no such directory");
    }

    @Test
    void nameThatTheLocaleCannotEncodeIsReported() throws IOException, InterruptedException {
        Tool.Result info = Tool.finish(process("C", Tool.command(List.of(), "info", log())), new byte[0]);
        assumeThat(info.exitCode()).as("the locale C cannot encode umlauts").isNotZero();
        assertThat(info.exitCode()).isEqualTo(2);
        assertThat(info.err())
                .startsWith("holdfast: ")
                .contains("LC_ALL=C.UTF-8")
                .doesNotContain("Exception")
                .hasLineCount(1);
    }

    private Path log() throws IOException {
        try {
            Path log = Files.createDirectories(parent.resolve("\u00fc")).resolve("log");
            assertThat(Tool.run("one\n".getBytes(StandardCharsets.US_ASCII), "append", log)
                            .exitCode())
                    .isZero();
            return log;
        } catch (InvalidPathException e) {
            assumeThat(e).as("the locale of this build encodes umlauts").isNull();
            throw e;
        }
    }

    private static Process process(String locale, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("LC_ALL", locale);
        return builder.start();
    }
}
