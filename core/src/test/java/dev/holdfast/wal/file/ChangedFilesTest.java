package dev.holdfast.wal.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.LogLockedException;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.DiskStorage;
import dev.holdfast.wal.storage.Programs;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Changes the files of an open log as an operator might. The log fails, explains the failure, and changes no file that
 * is not its own.
 */
class ChangedFilesTest {
    private static final FileLogOptions SMALL = FileLogOptions.builder()
            .segmentBytes(8192)
            .durability(Durability.PROCESS_CRASH)
            .build();
    private static final int RECORDS = 10;

    @TempDir
    Path parent;

    private Path directory;
    private Path moved;

    /** A call that changes names in the directory. */
    private enum Call {
        ROLL {
            @Override
            void on(FileLog log) throws IOException {
                for (int i = 0; i < 8; i++) {
                    log.append(new byte[1000]);
                }
            }
        },
        TRIM {
            @Override
            void on(FileLog log) throws IOException {
                log.trim(RECORDS - 2);
            }
        },
        TRUNCATE {
            @Override
            void on(FileLog log) throws IOException {
                log.truncate(2);
            }
        },
        TRUNCATE_ALL {
            @Override
            void on(FileLog log) throws IOException {
                log.truncate(0);
            }
        },
        RESET {
            @Override
            void on(FileLog log) throws IOException {
                log.reset(1000);
            }
        },
        SYNC {
            @Override
            void on(FileLog log) throws IOException {
                log.sync();
            }
        },
        CLOSE {
            @Override
            void on(FileLog log) throws IOException {
                log.close();
            }
        };

        abstract void on(FileLog log) throws IOException;
    }

    @BeforeEach
    void name() throws IOException {
        directory = parent.toRealPath().resolve("log");
        moved = parent.toRealPath().resolve("log.old");
    }

    @AfterEach
    void unmount() throws Exception {
        if (Files.exists(directory.resolve("mounted"))) {
            Programs.succeeds("umount", directory.toString());
        }
    }

    private static FileLog filled(Path directory, int fill) throws IOException {
        FileLog log = FileLog.open(directory, SMALL);
        for (int i = 0; i < RECORDS; i++) {
            byte[] record = new byte[1000];
            Arrays.fill(record, (byte) fill);
            log.append(record);
        }
        log.sync();
        return log;
    }

    @ParameterizedTest
    @EnumSource
    void logOfAReplacedDirectoryDoesNotTouchTheNewDirectory(Call call) throws IOException {
        FileLog old = filled(directory, 'o');
        Files.move(directory, moved);
        // As another process would do; in this process the path of the open log is still locked.
        replaceByALog();
        Map<String, String> before = files(directory);
        Map<String, String> beforeMoved = files(moved);

        assertFails(old, call, "is no longer the directory that was locked", directory.toString());
        assertThat(files(directory)).isEqualTo(before);
        closeFailed(old);
        assertThat(files(directory)).isEqualTo(before);
        if (call != Call.ROLL) {
            beforeMoved.put("LOCK", files(moved).get("LOCK")); // close releases it there
            assertThat(files(moved)).isEqualTo(beforeMoved);
        }
        assertHolds(moved, 'o');
        assertHolds(directory, 'n');
    }

    @ParameterizedTest
    @EnumSource(names = {"ROLL", "TRIM", "CLOSE"})
    void logOfAMovedDirectoryFailsAndLosesNothing(Call call) throws IOException {
        FileLog old = filled(directory, 'o');
        Files.move(directory, moved);
        assertFails(old, call, "is no longer the directory that was locked", "found none");
        assertThat(directory).doesNotExist();
        closeFailed(old);
        assertThat(directory).doesNotExist();
        assertThat(moved.resolve("LOCK")).content().isBlank();
        assertHolds(moved, 'o');
    }

    /**
     * The open descriptor still writes to the moved file. Uses no timer, because a timer's task could notice the move
     * first.
     */
    @Test
    void appendsAfterTheDirectoryMovedAreKept() throws IOException {
        Environment workers = new Environment(
                Runnable::run,
                Runnable::run,
                task -> {},
                Runnable::run,
                task -> {},
                System::nanoTime,
                new Random()::nextLong,
                () -> {});
        LogSettings settings = new LogSettings(8192, 8192, 8192, 1 << 20, true, 8);
        Log log = StoredLog.open(DiskStorage.open(directory), settings, workers);
        log.append(new byte[100]);
        Files.move(directory, moved);
        log.append(new byte[200]);
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        try (FileLog again = FileLog.open(moved, SMALL)) {
            assertThat(again.read(2).orElseThrow().data().remaining()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ROLL", "TRIM", "CLOSE"})
    void logWhoseLockWasDeletedFails(Call call) throws IOException {
        FileLog log = filled(directory, 'o');
        Files.delete(directory.resolve("LOCK"));
        Map<String, String> before = files(directory);
        assertFails(log, call, "LOCK", "was deleted", "found none");
        closeFailed(log);
        if (call != Call.ROLL) {
            assertUntouched(before);
        }
        assertHolds(directory, 'o');
    }

    @ParameterizedTest
    @EnumSource(names = {"ROLL", "TRIM"})
    void logWhoseLockWasReplacedFails(Call call) throws IOException {
        FileLog log = filled(directory, 'o');
        Files.delete(directory.resolve("LOCK"));
        Files.writeString(directory.resolve("LOCK"), "another's");
        Map<String, String> before = files(directory);
        assertFails(log, call, "is no longer the directory that was locked");
        closeFailed(log);
        assertThat(directory.resolve("LOCK")).hasContent("another's");
        if (call != Call.ROLL) {
            assertUntouched(before);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ROLL", "TRIM", "CLOSE"})
    void logTouchesNothingThatWasMountedOverIt(Call call) throws Exception {
        FileLog log = filled(directory, 'o');
        assumeThat(Programs.succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.toString()))
                .as("a mount is permitted")
                .isTrue();
        Files.createFile(directory.resolve("mounted")); // so that the test unmounts it even after a failure
        assertFails(log, call, "mounted over");
        closeFailed(log);
        assertThat(files(directory)).containsOnlyKeys("mounted");
        assertThat(Programs.succeeds("umount", directory.toString())).isTrue();
        assertHolds(directory, 'o');
    }

    @ParameterizedTest
    @EnumSource(names = {"ROLL", "TRIM", "TRUNCATE"})
    void deletedNewestSegmentIsDetected(Call call) throws IOException {
        FileLog log = filled(directory, 'o');
        Path newest = newestSegment();
        Files.delete(newest);
        assertFails(log, call, newest.toString(), "was deleted or replaced");
        assertThat(newest).doesNotExist();
        closeFailed(log);
    }

    @ParameterizedTest
    @EnumSource(names = {"ROLL", "TRIM", "TRUNCATE"})
    void replacedNewestSegmentIsDetectedAndLeftAlone(Call call) throws IOException {
        FileLog log = filled(directory, 'o');
        Path newest = newestSegment();
        Path backup = Files.copy(newest, parent.resolve("backup"));
        Files.move(backup, newest, StandardCopyOption.REPLACE_EXISTING);
        String before = content(newest);
        assertFails(log, call, newest.toString(), "was deleted or replaced");
        closeFailed(log);
        assertThat(content(newest)).isEqualTo(before);
    }

    /** The other log's files are not reported as damaged. */
    @Test
    void readsReportThatTheDirectoryWasReplaced() throws IOException {
        FileLog old = filled(directory, 'o');
        Files.move(directory, moved);
        replaceByALog();
        assertThatThrownBy(() -> old.read(1)).isInstanceOf(LogFilesChangedException.class);
        assertThatThrownBy(() -> old.cursor(1).next()).isInstanceOf(LogFilesChangedException.class);
        closeFailed(old);
    }

    @Test
    void readsContinueAfterLockWasDeleted() throws IOException {
        FileLog log = filled(directory, 'o');
        Files.delete(directory.resolve("LOCK"));
        assertThat(log.read(1)).isPresent();
        closeFailed(log);
    }

    @Test
    void closeDetectsAReplacedLock() throws IOException {
        FileLog log = filled(directory, 'o');
        Files.delete(directory.resolve("LOCK"));
        Files.createFile(directory.resolve("LOCK"));
        assertFails(log, Call.CLOSE, "is no longer the directory that was locked");
    }

    @Test
    void closeDetectsADeletedNewestSegment() throws IOException {
        FileLog log = filled(directory, 'o');
        Files.delete(newestSegment());
        assertFails(log, Call.CLOSE, "was deleted or replaced");
    }

    @Test
    void copyOfARunningLogOpensAndTheLogItselfStaysLocked() throws IOException {
        try (FileLog log = filled(directory, 'o')) {
            Path copy = parent.resolve("copy");
            copy(directory, copy);
            assertHolds(copy, 'o');
            assertThatThrownBy(() -> FileLog.open(directory)).isInstanceOf(LogLockedException.class);
            log.append(new byte[10]);
        }
    }

    /** Closes a failed log. Close fails again if acknowledged records may not be synced. */
    private static void closeFailed(FileLog log) throws IOException {
        try {
            log.close();
        } catch (LogFailedException e) {
            assertThat(e).hasRootCauseInstanceOf(LogFilesChangedException.class);
        }
    }

    private void replaceByALog() throws IOException {
        Path other = parent.resolve("other");
        filled(other, 'n').close();
        Files.move(other, directory);
    }

    private void assertFails(FileLog log, Call call, String... parts) {
        LogFailedException failed = catchThrowableOfType(LogFailedException.class, () -> call.on(log));
        assertThat(failed).hasRootCauseInstanceOf(LogFilesChangedException.class);
        assertThat(failed.getMessage()).contains(parts).contains("takes no appends until it is reopened");
        if (call == Call.CLOSE) {
            return;
        }
        assertThat(log.stats().state()).isEqualTo(LogStats.State.FAILED);
        assertThatThrownBy(() -> log.append(new byte[10]))
                .isInstanceOf(LogFailedException.class)
                .hasMessageContainingAll(Arrays.asList(parts).toArray(String[]::new));
    }

    /** Checks that all records acknowledged before the change are there. */
    private static void assertHolds(Path directory, int fill) throws IOException {
        try (FileLog log = FileLog.open(directory, SMALL)) {
            assertThat(log.firstId()).hasValue(1);
            for (int id = 1; id <= RECORDS; id++) {
                assertThat(log.read(id).orElseThrow().data().get(500)).isEqualTo((byte) fill);
            }
        }
    }

    private Path newestSegment() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".seg"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    /**
     * Checks that old files are unchanged. A new spare may have been named between the check and the rename: see
     * decision 15.
     */
    private void assertUntouched(Map<String, String> before) throws IOException {
        Map<String, String> now = files(directory);
        assertThat(now).containsAllEntriesOf(before);
        now.keySet().removeAll(before.keySet());
        assertThat(now.keySet()).allMatch(name -> name.startsWith("spare-"));
    }

    /**
     * Returns all files, except spares in progress: those are written through a descriptor, wherever the directory is.
     */
    private static Map<String, String> files(Path directory) throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!file.toString().endsWith(".new.tmp")) {
                    all.put(Objects.toString(file.getFileName()), content(file));
                }
            }
        }
        return all;
    }

    private static String content(Path file) throws IOException {
        return Files.readAttributes(file, "unix:ino").get("ino") + ":" + Arrays.hashCode(Files.readAllBytes(file));
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(from, "{LOCK,*.seg}")) {
            for (Path file : files) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }
}
