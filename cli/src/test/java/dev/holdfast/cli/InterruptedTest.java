package dev.holdfast.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Long commands that are stopped by a signal, killed, or abandoned by the reader of their output. */
class InterruptedTest {
    private static final int MEBIBYTES = 256;
    private static final FileLogOptions OPTIONS =
            FileLogOptions.builder().segmentBytes(16 << 20).build();

    @TempDir
    private Path parent;

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void copyStoppedByASignalDeletesItsFiles(String signal) throws IOException, InterruptedException {
        makeLarge();
        Process copy = interruptedCopy(running -> Tool.signal(running, signal));
        assertThat(copy.waitFor()).isEqualTo(signal.equals("INT") ? 130 : 143);
        assertThat(err(copy)).isEmpty();
        assertThat(parent.resolve("copy.partial")).doesNotExist();
    }

    @Test
    void killedCopyIsNotALogAndIsReportedByTheNextCopy() throws IOException, InterruptedException {
        makeLarge();
        Process copy = interruptedCopy(Process::destroyForcibly);
        assertThat(copy.waitFor()).isEqualTo(137);
        Path target = parent.resolve("copy");
        Path partial = parent.resolve("copy.partial");
        Tool.Result next = Tool.run("copy", log(), target);
        assertThat(next.exitCode()).isEqualTo(2);
        assertThat(next.err())
                .startsWith("holdfast: " + partial + ": ")
                .contains("delete it and try again")
                .hasLineCount(1);
        assertThat(target).doesNotExist();
        remove(partial);
        Tool.Result again = Tool.run("copy", log(), target);
        assertThat(again.exitCode()).as(again.err()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"verify", "cat"})
    void readingCommandStoppedByASignalPrintsNoError(String command) throws IOException, InterruptedException {
        assumeThat(Path.of("/proc/self/fd")).exists();
        makeLarge();
        int exitCode;
        do {
            Process reading = Tool.start(command, log());
            Path files = Path.of("/proc", Long.toString(reading.pid()), "fd");
            while (reading.isAlive() && !hasSegmentOpen(files)) {
                Thread.onSpinWait();
            }
            Tool.signal(reading, "INT");
            exitCode = reading.waitFor();
            assertThat(err(reading)).isEmpty();
        } while (exitCode == 0); // otherwise the command ended before the signal
        assertThat(exitCode).isEqualTo(130);
        assertThat(Tool.run("info", log()).exitCode()).isZero();
    }

    @Test
    void followerStoppedByASignalPrintsNoError() throws IOException, InterruptedException {
        assertThat(append("one\n").exitCode()).isZero();
        Process follower = Tool.start("cat", log(), "--follow");
        try (BufferedReader out = reader(follower)) {
            assertThat(out.readLine()).isEqualTo("one");
            Tool.signal(follower, "INT");
            assertThat(follower.waitFor()).isEqualTo(130);
            assertThat(out.readLine()).isNull();
        }
        assertThat(err(follower)).isEmpty();
    }

    @Test
    void followerEndsWithItsReaderEvenIfNoRecordArrives() throws IOException, InterruptedException {
        assumeThat(gnuTail()).as("GNU tail is installed").isTrue();
        assertThat(append("one\ntwo\n").exitCode()).isZero();
        Process follower = Tool.start("cat", log(), "--follow");
        try (BufferedReader out = reader(follower)) {
            assertThat(out.readLine()).isEqualTo("one");
        }
        assertThat(follower.waitFor()).isZero();
        assertThat(err(follower)).isEmpty();
    }

    private void makeLarge() throws IOException {
        try (FileLog log = FileLog.open(log(), OPTIONS)) {
            ByteBuffer record =
                    ByteBuffer.wrap("0123456789abcdef".repeat(1 << 12).getBytes(StandardCharsets.US_ASCII));
            List<ByteBuffer> batch = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                batch.add(record);
            }
            for (int i = 0; i < MEBIBYTES; i++) {
                log.appendAll(batch);
            }
        }
    }

    private interface Interruption {
        void of(Process copy) throws IOException, InterruptedException;
    }

    /** Interrupts a copy after its start and before its end. If the copy ends before that, makes another. */
    private Process interruptedCopy(Interruption interruption) throws IOException, InterruptedException {
        Path target = parent.resolve("copy");
        while (true) {
            Process copy = startedCopy(target);
            interruption.of(copy);
            copy.waitFor();
            if (Files.notExists(target)) {
                return copy;
            }
            assertThat(Tool.run("verify", target).exitCode()).isZero();
            remove(target);
        }
    }

    private Process startedCopy(Path target) throws IOException, InterruptedException {
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            parent.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            Process copy = Tool.start("copy", log(), target, "--no-links");
            WatchKey key = watch.take();
            assertThat(key.pollEvents().get(0).context()).hasToString("copy.partial");
            return copy;
        }
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    private static boolean hasSegmentOpen(Path files) throws IOException {
        try (Stream<Path> all = Files.list(files)) {
            for (Path file : all.toList()) { // the files come and disappear
                if (target(file).endsWith(".seg")) {
                    return true;
                }
            }
        } catch (NoSuchFileException | UncheckedIOException ended) {
            return false;
        }
        return false;
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    private static boolean gnuTail() throws InterruptedException {
        try {
            Process tail = new ProcessBuilder("tail", "--version").start();
            String says = new String(tail.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return tail.waitFor() == 0 && says.contains("GNU coreutils");
        } catch (IOException noSuchProgram) {
            return false;
        }
    }

    private Tool.Result append(String lines) {
        return Tool.run(lines.getBytes(StandardCharsets.US_ASCII), "append", log());
    }

    private static String err(Process process) throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static BufferedReader reader(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    private Path log() {
        return parent.resolve("log");
    }
}
