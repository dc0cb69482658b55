package dev.holdfast.wal.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.Durability;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.storage.KeptOpen;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checks how many files single reads keep open, and for how long. */
class RandomReadsTest {
    private static final int RECORDS = 400;
    private static final int MOST_KEPT = 16;

    @TempDir
    Path directory;

    @BeforeEach
    void descriptorsCanBeListed() {
        assumeThat(Path.of("/proc/self/fd")).isDirectory();
    }

    private FileLog filled() throws IOException {
        FileLog log = FileLog.open(
                directory,
                FileLogOptions.builder()
                        .segmentBytes(8 << 10)
                        .durability(Durability.PROCESS_CRASH)
                        .build());
        for (int i = 0; i < RECORDS; i++) {
            log.append(new byte[500]);
        }
        assertThat(log.stats().segments()).isGreaterThan(2 * MOST_KEPT);
        return log;
    }

    private static void readAll(Log log) throws IOException {
        for (long id = log.firstId().orElseThrow(); id < log.nextId(); id++) {
            assertThat(log.read(id)).isPresent();
        }
    }

    /**
     * Returns the segments that this process has open, including deleted ones. Spares are excluded because background
     * work may open and rename them at any time.
     */
    private Set<String> open() throws IOException {
        Set<String> names = new HashSet<>();
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (target.startsWith(directory.toRealPath() + "/")
                            && !target.endsWith("/LOCK")
                            && !target.contains(".tmp")) {
                        names.add(target);
                    }
                } catch (NoSuchFileException e) {
                    // the descriptor of the listing itself
                }
            }
        }
        return names;
    }

    private static int takeAllPermits() {
        int taken = 0;
        while (KeptOpen.tryTake()) {
            taken++;
        }
        return taken;
    }

    private static int freePermits() {
        int free = takeAllPermits();
        KeptOpen.giveBack(free);
        return free;
    }

    @Test
    void readsKeepFewFilesOpenWithoutPermits() throws IOException {
        int taken = takeAllPermits();
        try {
            try (FileLog log = filled()) {
                assertThat(open()).hasSizeLessThan(MOST_KEPT);
                readAll(log);
                assertThat(open()).hasSize(MOST_KEPT);
                readAll(log);
                assertThat(open()).hasSize(MOST_KEPT);
            }
            assertThat(open()).isEmpty();
        } finally {
            KeptOpen.giveBack(taken);
        }
    }

    @Test
    void readsKeepAllFilesOpenWithPermitsAndGiveThemBack() throws IOException {
        int free = freePermits();
        assertThat(free).isLessThanOrEqualTo(1024);
        assumeThat(free).isGreaterThan(RECORDS);
        try (FileLog log = filled()) {
            int segments = log.stats().segments();
            readAll(log);
            assertThat(open()).hasSize(segments);
            assertThat(freePermits()).isEqualTo(free - (segments - MOST_KEPT));
            log.trim(RECORDS - 2);
            assertThat(freePermits()).isEqualTo(free);
        }
        assertThat(freePermits()).isEqualTo(free);
        assertThat(open()).isEmpty();
    }

    @Test
    void filesOfTrimmedRecordsAreClosedToFreeTheirSpace() throws IOException {
        try (FileLog log = filled()) {
            int written = open().size();
            readAll(log);
            log.trim(RECORDS - 2);
            log.append(new byte[1]);
            assertThat(open()).hasSizeLessThanOrEqualTo(written + 1).noneMatch(name -> name.endsWith(" (deleted)"));
        }
    }

    @Test
    void filesOfTruncatedRecordsAreClosed() throws IOException {
        try (FileLog log = filled()) {
            int written = open().size();
            readAll(log);
            log.truncate(3);
            assertThat(open()).hasSizeLessThanOrEqualTo(written + 1).noneMatch(name -> name.endsWith(" (deleted)"));
            readAll(log);
        }
    }

    @Test
    void readerClosesFilesThatTheWriterRemoved() throws IOException {
        try (FileLog log = filled()) {
            int written = open().size();
            try (Log reader = FileLog.openReadOnly(directory)) {
                int watched = open().size();
                readAll(reader);
                assertThat(open()).hasSizeGreaterThan(watched);
                log.trim(RECORDS - 2);
                assertThat(reader.read(0)).isEmpty();
                assertThat(reader.read(RECORDS + 1)).isEmpty();
                assertThat(open()).hasSizeLessThanOrEqualTo(watched + 1);
            }
            assertThat(open()).hasSizeLessThanOrEqualTo(written + 1);
        }
    }
}
