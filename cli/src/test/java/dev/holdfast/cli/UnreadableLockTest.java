package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log with readable segments and an unreadable LOCK: the tool must not claim to know which process writes it. */
class UnreadableLockTest {
    /** Runs a command without the privilege of root to read everything. */
    private static final List<String> WITHOUT_PRIVILEGES =
            List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all");

    @TempDir
    private Path parent;

    @BeforeEach
    void appendSome() throws IOException {
        assertThat(Tool.run("one\n".getBytes(StandardCharsets.US_ASCII), "append", log())
                        .exitCode())
                .isZero();
        Files.setPosixFilePermissions(log().resolve("LOCK"), PosixFilePermissions.fromString("---------"));
    }

    @Test
    void unreadableLockMakesTheWriterUnknownAndNothingIsWritten() throws IOException, InterruptedException {
        Tool.Result info = run("info", log());
        assumeThat(info.outText()).as("LOCK is not readable").doesNotContain("nobody");
        assertThat(info.exitCode()).as(info.err()).isZero();
        assertThat(info.outText())
                .contains("ended: closed\n")
                .contains("locked by: unknown, because LOCK may not be read")
                .doesNotContain("someone");
        Path lock = log().toRealPath().resolve("LOCK");
        for (String option : List.of("--json", "--apply")) {
            Tool.Result repair = run("repair", log(), "--drop-from", 1, option);
            assertThat(repair.exitCode()).isEqualTo(2);
            assertThat(repair.err())
                    .startsWith("holdfast: " + lock
                            + ": reading it is not permitted, so the process that writes the log is unknown")
                    .doesNotContain("is open for writing")
                    .hasLineCount(1);
        }
        assertThat(run("cat", log()).outText()).isEqualTo("one\n");
    }

    private static Tool.Result run(Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(WITHOUT_PRIVILEGES);
        }
        command.addAll(Tool.command(List.of(), arguments));
        try {
            return Tool.finish(new ProcessBuilder(command).start(), new byte[0]);
        } catch (IOException e) {
            assumeThat(e).as("root can drop its privileges").isNull();
            throw e;
        }
    }

    private Path log() {
        return parent.resolve("log");
    }
}
