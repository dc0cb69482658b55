package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.RecordTooLargeException;
import dev.holdfast.wal.file.Durability;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import dev.holdfast.wal.file.RecoveryReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Removes records at both ends of a log on a real disk, and checks the remaining files. */
class RemovalOnDiskTest {
    private static final int SEGMENT_BYTES = 8 << 10;
    private static final FileLogOptions SMALL = options(SEGMENT_BYTES, 1 << 20);

    @TempDir
    Path directory;

    private final Expected expected = new Expected();

    /**
     * Returns options with few syncs, because these tests check names and sizes of files. Other tests check power
     * failures.
     */
    private static FileLogOptions options(int segmentBytes, int maxRecordBytes) {
        return FileLogOptions.builder()
                .segmentBytes(segmentBytes)
                .maxRecordBytes(maxRecordBytes)
                .durability(Durability.PROCESS_CRASH)
                .build();
    }

    private FileLog open() throws IOException {
        return FileLog.open(directory, SMALL);
    }

    private void assertHolds(FileLog log) throws IOException {
        assertThat(AllRecords.of(log)).isEqualTo(expected.records());
    }

    /** Closes and reopens the log, and checks that it is unchanged. */
    private FileLog reopened(FileLog log) throws IOException {
        long nextId = log.nextId();
        log.close();
        FileLog again = open();
        assertThat(again.recovery().ending()).isEqualTo(RecoveryReport.Ending.CLEAN);
        assertHolds(again);
        assertThat(again.nextId()).isEqualTo(nextId);
        return again;
    }

    private void append(FileLog log, int count, int length) throws IOException {
        for (int i = 0; i < count; i++) {
            expected.append(log, length);
        }
    }

    private long files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.count();
        }
    }

    private long bytes() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Test
    void truncatesAcrossSegments() throws IOException {
        FileLog log = open();
        append(log, 60, 500);
        assertThat(log.stats().segments()).isGreaterThan(8);
        for (long keep = 57; keep > 0; keep -= 7) {
            expected.truncate(log, keep);
            assertHolds(log);
            log = reopened(log);
            append(log, 2, 500);
            assertHolds(log);
        }
        log.close();
    }

    @Test
    void truncatesInsideABatch() throws IOException {
        FileLog log = open();
        expected.append(log, 100, 100, 100, 100);
        expected.append(log, 100, 2000, 3000, 4000, 100, 100);
        append(log, 2, 100);
        for (long keep : new long[] {9, 7, 6, 2}) {
            expected.truncate(log, keep);
            assertHolds(log);
            log = reopened(log);
        }
        expected.append(log, 100, 100);
        reopened(log).close();
    }

    @Test
    void truncatesToNothing() throws IOException {
        FileLog log = open();
        for (int i = 0; i < 5; i++) {
            append(log, 20, 500);
            long first = expected.records().get(0).id();
            expected.truncate(log, i % 2 == 0 ? -1 : first - 1);
            assertHolds(log);
            assertThat(log.nextId()).isEqualTo(first);
            log = reopened(log);
            assertThat(log.nextId()).isEqualTo(first);
        }
        log.close();
    }

    @Test
    void thousandsOfTruncationsLeaveASmallDirectory() throws IOException {
        Random random = random("thousandsOfTruncationsLeaveASmallDirectory");
        long mostFiles = 0;
        long mostBytes = 0;
        FileLog log = open();
        append(log, 10, 300);
        for (int i = 0; i < 2000; i++) {
            append(log, 1 + random.nextInt(2), 20 + random.nextInt(600));
            long keep = Math.min(expected.lastId() - 1, Math.max(1, expected.lastId() - 1 - random.nextInt(3)));
            expected.truncate(log, keep);
            if (i % 100 == 0) {
                mostFiles = Math.max(mostFiles, files());
                mostBytes = Math.max(mostBytes, bytes());
                log = reopened(log);
            }
        }
        assertHolds(log);
        // LOCK, the live segments, two reserved spares, a spare for the next roll and a spare being created.
        assertThat(mostFiles).isLessThan(14);
        assertThat(mostBytes).isLessThan(14 * SEGMENT_BYTES);
        expected.trim(log, expected.lastId() - 1);
        append(log, 1, 100);
        reopened(log).close();
    }

    @Test
    void repeatedTruncatesOfALongLogLeaveASmallDirectory() throws IOException {
        FileLogOptions large = options(4 << 20, 1 << 20);
        try (FileLog log = FileLog.open(directory, large)) {
            append(log, 5, 200_000);
            long bytes = bytes();
            for (int i = 0; i < 500; i++) {
                append(log, 2, 100);
                expected.truncate(log, expected.lastId() - 1);
            }
            assertHolds(log);
            assertThat(bytes()).isLessThan(4 * bytes);
            assertThat(files()).isLessThan(12);
        }
    }

    @Test
    void appendsContinueAfterATrimBeyondTheEnd() throws IOException {
        FileLog log = open();
        append(log, 30, 500);
        expected.trim(log, 1000);
        assertHolds(log);
        assertThat(log.nextId()).isEqualTo(31);
        log = reopened(log);
        append(log, 3, 100);
        assertThat(expected.lastId()).isEqualTo(33);
        log = reopened(log);
        expected.trim(log, 33);
        log = reopened(log);
        log.truncate(10);
        assertHolds(log);
        assertThat(log.nextId()).isEqualTo(34);
        append(log, 3, 100);
        expected.trim(log, 34);
        expected.truncate(log, 10);
        assertHolds(log);
        assertThat(log.nextId()).isEqualTo(35);
        log = reopened(log);
        assertThat(log.nextId()).isEqualTo(35);
        append(log, 40, 500);
        reopened(log).close();
    }

    @Test
    void randomRemovalsAndReopeningsKeepTheRecords() throws IOException {
        Random random = random("randomRemovalsAndReopeningsKeepTheRecords");
        FileLog log = open();
        for (int i = 0; i < 1500; i++) {
            int choice = random.nextInt(20);
            if (choice < 12) {
                append(log, 1, 20 + random.nextInt(1500));
            } else if (choice < 14) {
                expected.append(log, 50 + random.nextInt(4000), 50, 50 + random.nextInt(4000));
            } else if (choice < 16 && !expected.records().isEmpty()) {
                expected.truncate(log, Math.max(-1, expected.lastId() - random.nextInt(10)));
            } else if (choice < 18 && !expected.records().isEmpty()) {
                expected.trim(log, expected.records().get(0).id() - 1 + random.nextInt(12));
            } else if (choice == 18 && random.nextInt(10) == 0) {
                expected.reset(log, random.nextInt(1000));
            } else if (choice == 19) {
                log = reopened(log);
            }
        }
        assertHolds(log);
        reopened(log).close();
    }

    @Test
    void resetPinsTheNextIdAlsoAfterReopening() throws IOException {
        FileLog log = open();
        append(log, 30, 500);
        expected.reset(log, 50);
        log = reopened(log);
        assertAcceptsOnly(log, 50);
        expected.reset(log, 7);
        expected.reset(log, 9);
        log = reopened(log);
        log = reopened(log);
        assertAcceptsOnly(log, 9);
        expected.append(log, 100);
        log = reopened(log);
        assertThat(expected.lastId()).isEqualTo(9);
        expected.reset(log, Long.MAX_VALUE - 1);
        log = reopened(log);
        expected.append(log, 100);
        reopened(log).close();
    }

    private static void assertAcceptsOnly(FileLog log, long id) {
        assertThat(log.nextId()).isEqualTo(id);
        for (long wrong : new long[] {0, 1, id - 1, id + 1, id + 1000}) {
            assertThatThrownBy(() -> log.append(new Stamp(wrong, 0).record(30)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void explicitIdJumpsInAnEmptyLog() throws IOException {
        FileLog log = open();
        for (long id : new long[] {500, 3, 70_000_000_000L, 0, 9}) {
            jump(log, id);
            assertThat(expected.records().get(0).id()).isEqualTo(id);
            log = reopened(log);
            append(log, 20, 500);
            log = reopened(log);
            expected.truncate(log, -1);
            assertThat(log.nextId()).isEqualTo(id);
            log = reopened(log);
        }
        log.close();
    }

    private void jump(FileLog log, long id) throws IOException {
        expected.appendAt(log, id, 100, 3000, 100);
        assertHolds(log);
    }

    @Test
    void optionsChangeBetweenOpenings() throws IOException {
        FileLogOptions[] choices = {
            SMALL,
            options(1 << 20, 1 << 20),
            options(64 << 10, 500),
            FileLogOptions.builder().segmentBytes(SEGMENT_BYTES).build(),
            options(SEGMENT_BYTES, 100_000),
            FileLogOptions.builder().segmentBytes(32 << 10).maxRecordBytes(600).build(),
            FileLogOptions.builder().build()
        };
        Random random = random("optionsChangeBetweenOpenings");
        for (int i = 0; i < 60; i++) {
            FileLogOptions options = choices[random.nextInt(choices.length)];
            try (FileLog log = FileLog.open(directory, options)) {
                assertHolds(log);
                expected.append(log, Math.min(options.maxRecordBytes(), 20 + random.nextInt(9000)));
                append(log, random.nextInt(4), Math.min(options.maxRecordBytes(), 2000));
                long next = log.nextId();
                if (options.maxRecordBytes() < 1 << 20) {
                    assertThatThrownBy(() -> log.append(new Stamp(next, 0).record(options.maxRecordBytes() + 1)))
                            .isInstanceOf(RecordTooLargeException.class);
                }
                if (random.nextInt(4) == 0) {
                    expected.truncate(log, expected.lastId() - 1);
                }
                if (random.nextInt(4) == 0 && !expected.records().isEmpty()) {
                    expected.trim(log, expected.records().get(0).id());
                }
                assertHolds(log);
            }
        }
    }

    @Test
    void recordsAndBatchesLargerThanASegment() throws IOException {
        FileLog log = open();
        append(log, 3, 100);
        append(log, 1, SEGMENT_BYTES);
        append(log, 1, 1 << 20);
        append(log, 2, 100);
        expected.append(log, 5000, 5000, 5000, 5000, 5000);
        int[] many = new int[2000];
        Arrays.fill(many, 40);
        expected.append(log, many);
        append(log, 1, 100);
        assertHolds(log);
        log = reopened(log);
        expected.truncate(log, 1000);
        log = reopened(log);
        expected.append(log, 1 << 20, 20);
        expected.trim(log, 8);
        log = reopened(log);
        expected.trim(log, 1000);
        expected.truncate(log, 1001);
        append(log, 3, 100);
        reopened(log).close();
    }

    @Test
    void thousandCleanOpensAndClosesCreateNoFile() throws IOException {
        FileLog log = open();
        append(log, 7, 1000);
        log.close();
        long files = files();
        long bytes = bytes();
        int segments = log.stats().segments();
        for (int i = 0; i < 1000; i++) {
            log = open();
            assertThat(log.recovery().ending()).isEqualTo(RecoveryReport.Ending.CLEAN);
            if (i % 100 == 0) {
                assertHolds(log);
            }
            log.close();
        }
        assertThat(log.stats().segments()).isEqualTo(segments);
        assertThat(files()).isEqualTo(files);
        assertThat(bytes()).isEqualTo(bytes);
    }

    @Test
    void repeatedOpensWithOneAppendCreateNoSegments() throws IOException {
        for (int i = 0; i < 200; i++) {
            try (FileLog log = FileLog.open(directory, options(1 << 20, 1 << 20))) {
                append(log, 1, 50);
            }
        }
        try (FileLog log = FileLog.open(directory, options(1 << 20, 1 << 20))) {
            assertHolds(log);
            assertThat(log.stats().segments()).isEqualTo(1);
        }
    }

    @Test
    void spaceReturnsAfterTrim() throws IOException {
        FileLog log = open();
        append(log, 400, 500);
        long full = bytes();
        assertThat(full).isGreaterThan(200_000);
        expected.trim(log, 390);
        assertThat(bytes()).isLessThan(full / 4);
        for (int i = 0; i < 300; i++) {
            append(log, 1, 500);
            expected.trim(log, expected.lastId() - 10);
        }
        assertThat(files()).isLessThan(14);
        assertThat(bytes()).isLessThan(14 * SEGMENT_BYTES);
        reopened(log).close();
    }

    private static Random random(String test) {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("RemovalOnDiskTest." + test + ": rerun with -Dholdfast.seed=" + seed);
        return new Random(seed);
    }
}
