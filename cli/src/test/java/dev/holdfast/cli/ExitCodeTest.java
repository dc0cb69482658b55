package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.UnsupportedFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks for each kind of failure the exit code and the one line on standard error. */
class ExitCodeTest {
    /** Commands that change an existing log. The second word is the directory. */
    private static final List<Object[]> CHANGES = List.of(
            new Object[] {"truncate", "DIR", "--last-to-keep", 0},
            new Object[] {"trim", "DIR", "--up-to", 1},
            new Object[] {"reset", "DIR", "--next-id", 5},
            new Object[] {"repair", "DIR", "--drop-from", 1},
            new Object[] {"repair", "DIR", "--drop-from", 1, "--apply"});

    @TempDir
    private Path parent;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "unknown",
                "help",
                "--unknown",
                "append",
                "append DIR another",
                "append DIR --unknown",
                "append DIR --print-ids=maybe",
                "append EMPTY",
                "cat",
                "cat DIR --from",
                "cat DIR --from x",
                "cat DIR --from -1",
                "cat DIR --to -1",
                "cat DIR --from 99999999999999999999",
                "cat DIR --from 3 --to 2",
                "cat DIR --from 1 --from 2",
                "cat EMPTY",
                "info",
                "info DIR another",
                "append DIR --format xml",
                "append DIR --batch 0",
                "append DIR --batch -1",
                "append DIR --first-id x",
                "append DIR --json --print-ids",
                "cat DIR --from 1 --last 2",
                "cat DIR --last -1",
                "cat DIR --limit -1",
                "cat DIR --limit x",
                "completion DIR",
                "cat DIR --format json --ids",
                "cat DIR --format xml",
                "verify",
                "verify DIR another",
                "truncate DIR",
                "truncate DIR --last-to-keep x",
                "trim DIR",
                "reset DIR",
                "repair DIR --drop-from x",
                "copy DIR",
                "copy DIR COPY another",
                "demo --rounds 0",
                "demo --rounds x",
                "demo --cuts -1",
                "demo --seed x",
                "demo --sabotage UNKNOWN",
                "demo another",
                "demo-writer"
            })
    void wrongUsageHasExitCodeTwo(String commandLine) {
        Object[] arguments = commandLine.isEmpty()
                ? new Object[0]
                : List.of(commandLine.split(" ", -1)).stream()
                        .map(word -> word.equals("EMPTY") ? "" : word)
                        .toArray();
        assertFailure(2, "--help)", Tool.run(arguments));
    }

    @Test
    void mistypedCommandOrOptionGetsSuggestions() {
        assertFailure(2, "there is no command 'inf'; did you mean: info", Tool.run("inf", "DIR"));
        assertFailure(2, "there is no command 'turncate'; did you mean: truncate", Tool.run("turncate", "DIR"));
        assertFailure(
                2, "there is no option '--segmets'; did you mean: --segments", Tool.run("info", "DIR", "--segmets"));
        assertFailure(2, "'another' is not expected here", Tool.run("info", "DIR", "another"));
        assertFailure(2, "there is no option '--xyz' (see holdfast info --help)", Tool.run("info", "DIR", "--xyz"));
    }

    @Test
    void unknownOptionIsReportedEvenIfTheDirectoryIsMissing() {
        assertFailure(2, "there is no option '-weird' (see holdfast info --help)", Tool.run("info", "-weird"));
        assertFailure(2, "DIR", Tool.run("info"));
    }

    @Test
    void invalidNumberIsReportedWithItsBounds() {
        String id = "' is not a whole number from 0 to 9223372036854775807";
        String bound = "' is not a whole number from -9223372036854775808 to 9223372036854775807";
        assertFailure(2, "9223372036854775808" + id, Tool.run("cat", "DIR", "--from", "9223372036854775808"));
        assertFailure(2, "x" + bound, Tool.run("truncate", "DIR", "--last-to-keep", "x"));
        assertFailure(
                2, "9223372036854775808" + bound, Tool.run("truncate", "DIR", "--last-to-keep", "9223372036854775808"));
        assertFailure(2, "x" + bound, Tool.run("demo", "--seed", "x"));
        assertFailure(
                2,
                "2147483648' is not a whole number from -2147483648 to 2147483647",
                Tool.run("demo", "--rounds", "2147483648"));
    }

    @Test
    void messageAboutAnEmptyLogNamesNoLastRecord() {
        Path log = parent.resolve("log");
        Tool.run("a\nb\n".getBytes(StandardCharsets.US_ASCII), "append", log);
        assertFailure(2, "at most: the log ends with record 2. ", Tool.run("repair", log, "--drop-from", 4));
        Tool.run("reset", log, "--next-id", 50);
        assertFailure(2, "at most: the log is empty. ", Tool.run("repair", log, "--drop-from", 60));
    }

    @Test
    void missingDirectoryHasExitCodeTwo() {
        Path missing = parent.resolve("missing");
        for (String command : List.of("cat", "info", "verify")) {
            assertFailure(2, missing + ": there is no such directory", Tool.run(command, missing));
        }
        for (Object[] changing : CHANGES) {
            changing[1] = missing;
            assertFailure(2, missing + ": there is no such directory", Tool.run(changing));
        }
        assertFailure(2, missing + ": there is no such directory", Tool.run("copy", missing, parent.resolve("copy")));
        assertFailure(2, missing + ": no such file or directory", Tool.run("demo", "--dir", missing));
        assertThat(Files.exists(missing)).isFalse();
    }

    @Test
    void fileInsteadOfADirectoryHasExitCodeTwo() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "no log");
        for (String command : List.of("append", "cat", "info", "verify")) {
            assertFailure(2, file.toString(), Tool.run(command, file));
        }
        for (Object[] changing : CHANGES) {
            changing[1] = file;
            assertFailure(2, file.toString(), Tool.run(changing));
        }
    }

    @Test
    void lockedLogHasExitCodeTwo() throws IOException, InterruptedException {
        Path log = parent.resolve("log");
        Process writer = Tool.start("append", log, "--print-ids");
        try (OutputStream in = writer.getOutputStream()) {
            in.write("x\n".getBytes(StandardCharsets.US_ASCII));
            in.flush();
            assertThat(writer.getInputStream().read()).isEqualTo('1');
            String holder = log.toRealPath() + ": is open for writing by process " + writer.pid();
            assertFailure(2, holder, Tool.run("append", log));
            for (Object[] changing : CHANGES) {
                changing[1] = log.toRealPath();
                assertFailure(2, holder, Tool.run(changing));
            }
            assertThat(Tool.run("cat", log).exitCode()).isZero();
        }
        assertThat(writer.waitFor()).isZero();
    }

    @Test
    void damageHasExitCodeOne() throws IOException {
        Path log = DamagedLog.at(parent.resolve("log"));
        for (String command : List.of("append", "cat")) {
            assertFailure(1, "", Tool.run(command, log));
        }
        assertFailure(1, "", Tool.run("copy", log, parent.resolve("copy")));
        for (String command : List.of("info", "verify")) { // they still print what is readable
            Tool.Result result = Tool.run(command, log);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).startsWith("holdfast: ").hasLineCount(1);
            assertThat(result.outText()).contains("damage");
        }
    }

    static List<Throwable> failures() {
        return List.of(
                new CorruptLogException("damaged", "file", 0, 1, 2),
                new DiskFullException("full", null),
                new LogFailedException("failed", null),
                new LogLockedException("locked"),
                new RecordsRemovedException("removed", 1, 2),
                new UnsupportedFormatException("newer"),
                new AccessDeniedException("/secret"),
                new FileSystemException("/file", null, "is odd"),
                new IOException("first line\nsecond line\u001b[31m"),
                new IOException(),
                new UncheckedIOException(new IOException("inside")),
                new CompletionException(new DiskFullException("full", null)),
                new IllegalStateException("two\nlines"),
                new NullPointerException(),
                new AssertionError("a bug"),
                new StackOverflowError(),
                new OutOfMemoryError("no heap"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void onlyDamageHasExitCodeOneAndOtherFailuresHaveTwo(Throwable failure) {
        int exitCode = failure instanceof CorruptLogException ? 1 : 2;
        Tool.Result result = Tool.run(failing(failure), "append", parent.resolve("log"));
        assertFailure(exitCode, "", result);
        assertThat(result.err()).doesNotContain("\u001b", "null");

        Tool.Result debugged = Tool.run(failing(failure), "append", parent.resolve("log"), "--debug");
        assertThat(debugged.exitCode()).isEqualTo(exitCode);
        assertThat(debugged.err()).startsWith(result.err()).contains("\tat dev.holdfast.cli.");
    }

    @Test
    void errorOfTheJvmIsOneLineInARealProcess() throws IOException, InterruptedException {
        ProcessBuilder builder = Tool.builder("cat", parent.resolve("missing"));
        Process process = builder.start();
        assertFailure(2, "there is no such directory", Tool.finish(process, new byte[0]));
    }

    @Test
    void helpAndVersionHaveExitCodeZero() {
        for (String option : List.of("--help", "-h", "--version", "-V")) {
            Tool.Result result = Tool.run(option);
            assertThat(result.exitCode()).isZero();
            assertThat(result.err()).isEmpty();
            assertThat(result.out()).isNotEmpty();
        }
    }

    private static InputStream failing(Throwable failure) {
        return new InputStream() {
            @Override
            public int read() {
                throw ExitCodeTest.<RuntimeException>unchecked(failure);
            }

            @Override
            public int read(byte[] into, int from, int length) {
                return read();
            }
        };
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <T extends Throwable> T unchecked(Throwable failure) throws T {
        throw (T) failure;
    }

    private static void assertFailure(int exitCode, String text, Tool.Result result) {
        assertThat(result.err())
                .startsWith("holdfast: ")
                .contains(text)
                .endsWith("\n")
                .hasLineCount(1);
        assertThat(result.exitCode()).as(result.err()).isEqualTo(exitCode);
        assertThat(result.outText()).isEmpty();
    }
}
