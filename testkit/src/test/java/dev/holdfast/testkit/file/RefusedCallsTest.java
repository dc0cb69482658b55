package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks failures that happen before anything of the log changes. The call is refused, the message names the cause, and
 * the log stays open.
 */
class RefusedCallsTest {
    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(8 << 10).build();

    @TempDir
    Path parent;

    @Test
    @EnabledOnOs(OS.LINUX)
    void appendsWithoutFileDescriptorsAreRefusedAndContinueLater() throws Exception {
        Path directory = parent.resolve("log");
        try (ChildJvm jvm = limited("ulimit -n 100", directory)) {
            assertThat(say(jvm, "open 8192")).isEqualTo("ok 1");
            assertThat(say(jvm, "append 3 3000")).isEqualTo("ok 4");
            // A thread that creates a spare may release a descriptor at any time, and then the call succeeds.
            String refused = "";
            for (int i = 0; i < 20 && !refused.startsWith(CallRefusedException.class.getName()); i++) {
                assertThat(say(jvm, "hold 0")).startsWith("ok");
                refused = say(jvm, "append 5 3000");
            }
            assertThat(refused).startsWith(CallRefusedException.class.getName()).contains("Too many open files");
            for (String call : List.of("append 1 3000", "truncate 1", "append 1 3000")) {
                assertThat(say(jvm, "hold 0")).startsWith("ok");
                assertThat(say(jvm, call)).matches("(ok \\d+|" + CallRefusedException.class.getName() + ": .*)");
            }
            assertThat(say(jvm, "release")).startsWith("ok");
            String next = say(jvm, "append 10 3000");
            assertThat(next).startsWith("ok");
            assertThat(say(jvm, "truncate 2")).isEqualTo("ok 3");
            assertThat(say(jvm, "append 4 3000")).isEqualTo("ok 7");
            assertThat(say(jvm, "close")).startsWith("ok");
        }
        assertHolds(directory, 6);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void readsWithOneFileDescriptorWorkBecauseKeptFilesAreClosed() throws Exception {
        Path directory = parent.resolve("log");
        try (ChildJvm jvm = limited("ulimit -n 150", directory)) {
            assertThat(say(jvm, "open 8192")).isEqualTo("ok 1");
            assertThat(say(jvm, "append 200 3000")).isEqualTo("ok 201");
            for (int time = 0; time < 3; time++) {
                assertThat(say(jvm, "read")).isEqualTo("ok 600000");
                assertThat(say(jvm, "hold 1")).startsWith("ok");
            }
            assertThat(say(jvm, "release")).startsWith("ok");
            assertThat(say(jvm, "close")).startsWith("ok");
        }
        assertHolds(directory, 200);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void openWithoutFileDescriptorsNamesTheCause() throws Exception {
        Path directory = parent.resolve("log");
        Set<String> answers = new TreeSet<>();
        try (ChildJvm jvm = limited("ulimit -n 100", directory)) {
            boolean opened = false;
            for (int free = 0; !opened; free++) {
                say(jvm, "hold " + free);
                String answer = say(jvm, "open 8192");
                opened = answer.startsWith("ok");
                assertThat(say(jvm, "release")).startsWith("ok");
                if (!opened) {
                    answers.add(answer);
                    assertThat(answer)
                            .matches("(java\\.(io|nio\\.file)|dev\\.holdfast\\.wal)\\.\\w+: .*")
                            .contains("Too many open files")
                            .doesNotContain("could not be synced", "not a directory", "no locks");
                }
            }
            assertThat(say(jvm, "close")).startsWith("ok");
        }
        System.out.println("openWithoutFileDescriptorsNamesTheCause: " + answers);
        assertThat(answers).isNotEmpty();
        assertHolds(directory, 0);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void appendIsRefusedIfTheSegmentExceedsTheFileSizeLimit() throws Exception {
        Path directory = parent.resolve("log");
        // The unit is 512 or 1,024 bytes, depending on the shell. The limit is larger than the first segments and
        // smaller than 4 MiB.
        try (ChildJvm jvm = limited("ulimit -S -f 3000", directory)) {
            assertThat(say(jvm, "open 8388608")).isEqualTo("ok 1");
            String refused = say(jvm, "append 100 100000");
            assertThat(refused).startsWith(CallRefusedException.class.getName()).contains("File too large");
            assumeThat(runs("prlimit", "--pid", Long.toString(jvm.pid()), "--fsize=unlimited"))
                    .as("prlimit may change the limits of another process")
                    .isTrue();
            assertThat(say(jvm, "append 30 100000")).startsWith("ok");
            assertThat(say(jvm, "truncate 5")).isEqualTo("ok 6");
            assertThat(say(jvm, "close")).startsWith("ok");
        }
        assertHolds(directory, 5);
    }

    @Test
    void deletedSparesAreCreatedAgain() throws IOException {
        Path directory = parent.resolve("log");
        try (FileLog log = FileLog.open(directory, SMALL)) {
            for (int i = 0; i < 40; i++) {
                if (i % 3 == 0) {
                    deleteSpares(directory);
                }
                log.append(new byte[3000]);
            }
            deleteSpares(directory);
            log.truncate(38);
            deleteSpares(directory);
            log.trim(5);
            deleteSpares(directory);
            log.trim(38);
            log.append(new byte[100]);
            deleteSpares(directory);
            log.reset(100);
            log.append(new byte[100]);
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
        }
        try (FileLog log = FileLog.open(directory, SMALL)) {
            assertThat(log.firstId()).hasValue(100);
            assertThat(log.lastId()).hasValue(100);
        }
    }

    /** The spare might be a file that root has copied there. */
    @Test
    void unwritableSpareIsIgnored() throws IOException {
        CrashDisk disk = new CrashDisk();
        Failing failing = new Failing(disk.process());
        try (Log log = failing.open()) {
            failing.unwritable = Set.copyOf(spares(disk));
            for (int i = 0; i < 10; i++) {
                log.append(new byte[3000]);
            }
            log.truncate(4);
            assertThat(log.lastId()).hasValue(4);
        }
        assertThat(spares(disk)).containsAll(failing.unwritable);
    }

    @Test
    void truncateWithoutMemoryIsRefusedAndWorksLater() throws IOException {
        CrashDisk disk = new CrashDisk();
        Failing failing = new Failing(disk.process());
        try (Log log = failing.open()) {
            for (int i = 0; i < 5; i++) {
                log.append(new byte[700]);
            }
            for (Throwable cause :
                    List.of(new OutOfMemoryError("Cannot reserve direct buffer memory"), new IOException("broken"))) {
                failing.reads = cause;
                assertRefused(() -> log.truncate(3), cause);
                failing.reads = null;
                assertThat(log.lastId()).hasValue(5);
            }
            log.truncate(3);
            assertThat(log.append(new byte[10])).isEqualTo(4);
        }
    }

    private static void assertRefused(ThrowingCallable call, Throwable cause) {
        CallRefusedException refused = catchThrowableOfType(CallRefusedException.class, call);
        assertThat(refused).hasMessageContaining(cause.getMessage()).hasMessageContaining("changed nothing");
        assertThat(refused).hasRootCause(cause);
    }

    private static List<String> spares(CrashDisk disk) throws IOException {
        return disk.process().list().stream()
                .map(file -> file.name())
                .filter(name -> name.startsWith("spare-"))
                .toList();
    }

    private static void deleteSpares(Path directory) throws IOException {
        try (DirectoryStream<Path> spares = Files.newDirectoryStream(directory, "spare-*.tmp")) {
            for (Path spare : spares) {
                Files.deleteIfExists(spare);
            }
        }
    }

    private static void assertHolds(Path directory, int records) throws IOException {
        try (FileLog log = FileLog.open(directory)) {
            assertThat(log.nextId()).isEqualTo(records + 1);
            for (int id = 1; id <= records; id++) {
                assertThat(log.read(id)).isPresent();
            }
        }
    }

    private static ChildJvm limited(String limit, Path directory) throws IOException {
        ChildJvm jvm = ChildJvm.start(
                List.of("sh", "-c", limit + " && exec \"$@\"", "sh"), LimitedProcess.class, directory.toString());
        assertThat(jvm.word()).isEqualTo("ready");
        return jvm;
    }

    private static String say(ChildJvm jvm, String command) throws IOException {
        jvm.tell(command);
        return String.valueOf(jvm.word());
    }

    private static boolean runs(String... program) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(program).start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Simulates a storage in which some calls fail. */
    private static final class Failing extends ForwardingStorage {
        private Set<String> unwritable = Set.of();
        private @Nullable Throwable reads;

        Failing(Storage storage) {
            super(storage);
        }

        Log open() throws IOException {
            return StoredLog.open(this, SimulatedLog.SMALL, new SimulatedEnvironment(1).environment());
        }

        @Override
        public WritableFile openForWriting(String name) throws IOException {
            if (unwritable.contains(name)) {
                throw new AccessDeniedException(name);
            }
            return super.openForWriting(name);
        }

        @Override
        protected ReadableFile wrap(ReadableFile file) {
            return new Reader(file) {
                @Override
                public int read(long offset, ByteBuffer into) throws IOException {
                    if (reads instanceof Error error) {
                        throw error;
                    }
                    if (reads instanceof IOException e) {
                        throw e;
                    }
                    return super.read(offset, into);
                }
            };
        }
    }
}
