package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Replaces the directory of a log while a follower reads it: the directory is moved away, another log is copied into
 * it, or a backup is restored.
 */
class ReplacedLogTest {
    @TempDir
    private Path parent;

    private Path log;

    @BeforeEach
    void write() throws IOException {
        log = parent.resolve("log");
        append(log, "old", 5);
    }

    private static void append(Path directory, String text, int records) throws IOException {
        try (FileLog writer = FileLog.open(directory)) {
            for (int i = 0; i < records; i++) {
                writer.append(text.getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void assertReportsAnotherLog(FileLog follower, LogCursor cursor) {
        assertThatThrownBy(cursor::next)
                .isInstanceOf(RecordsRemovedException.class)
                .hasMessageContaining("this is another log by now");
        assertThatThrownBy(() -> follower.read(7)).isInstanceOf(RecordsRemovedException.class);
        assertThat(follower.lastId()).hasValue(5);
    }

    @Test
    void recreatedDirectoryIsAnotherLog() throws IOException {
        try (FileLog follower = FileLog.openReadOnly(log);
                LogCursor cursor = follower.cursor(5)) {
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.next()).isFalse();
            Files.move(log, parent.resolve("log.old"));
            append(log, "new", 9);
            assertReportsAnotherLog(follower, cursor);
        }
        try (FileLog again = FileLog.openReadOnly(log)) {
            assertThat(again.lastId()).hasValue(9);
        }
    }

    @Test
    void logCopiedIntoTheSameFilesIsAnotherLog() throws IOException {
        append(parent.resolve("other"), "new", 9);
        try (FileLog follower = FileLog.openReadOnly(log);
                LogCursor cursor = follower.cursor(5)) {
            assertThat(cursor.next()).isTrue();
            copy(parent.resolve("other"), log);
            assertReportsAnotherLog(follower, cursor);
        }
    }

    @Test
    void restoredBackupRemovesReturnedRecords() throws IOException {
        Path backup = parent.resolve("backup");
        copy(log, backup);
        append(log, "since", 3);
        try (FileLog follower = FileLog.openReadOnly(log);
                LogCursor cursor = follower.cursor(8)) {
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.next()).isFalse();
            Files.move(log, parent.resolve("log.old"));
            Files.move(backup, log);
            assertThatThrownBy(cursor::next).isInstanceOf(RecordsRemovedException.class);
            assertThat(follower.lastId()).hasValue(5);
            append(log, "otherwise", 4);
            assertThat(follower.read(9).orElseThrow().data().remaining()).isEqualTo(9);
        }
    }
}
