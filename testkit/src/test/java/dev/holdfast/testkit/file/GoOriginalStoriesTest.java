package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.testkit.disk.DiskStep.Kind;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordTooLargeException;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Reproduces bugs of the log in Go that inspired this log. Each comment describes the original bug; each test checks
 * that this log handles the case correctly.
 */
class GoOriginalStoriesTest {
    private static final int CUTS = 6;
    private final CrashDisk disk = new CrashDisk();
    private final Expected expected = new Expected();

    /**
     * Original bug: the records of a batch before an oversized record were already written. They reappeared after a
     * restart, with ids that were assigned again.
     */
    @Test
    void oversizedRecordLeavesNoTraceOfItsBatch() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        expected.append(log.log(), 100, 100);
        assertLeavesNoTrace(
                log,
                RecordTooLargeException.class,
                List.of(new Stamp(3, 99).record(100), new Stamp(4, 99).record(16385)));
    }

    /** Original bug, as with the oversized record: the batch was cut at the wrong id instead of being refused. */
    @Test
    void outOfOrderRecordLeavesNoTraceOfItsBatch() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        expected.append(log.log(), 100, 100);
        assertLeavesNoTrace(
                log,
                IllegalArgumentException.class,
                List.of(new Stamp(3, 99).record(100), new Stamp(5, 99).record(100)));
        assertLeavesNoTrace(log, IllegalArgumentException.class, List.of(new Stamp(4, 99).record(100)));
        assertLeavesNoTrace(log, IllegalArgumentException.class, List.of(new Stamp(2, 99).record(100)));
    }

    private void assertLeavesNoTrace(SimulatedLog log, Class<? extends Exception> refusal, List<LogRecord> batch)
            throws IOException {
        long steps = disk.steps();
        assertThatThrownBy(() -> log.log().append(batch)).isInstanceOf(refusal);
        assertThat(disk.steps()).isEqualTo(steps);
        assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        expected.append(log.log(), 70);
        expected.append(log.log(), 80, 90);
        assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        assertThat(SimulatedLog.recordsOn(disk.state().powerCut(PowerCut.NOTHING)))
                .isEqualTo(expected.records());
    }

    /**
     * Original bug: a refused batch counted in the last id of its segment. A trim therefore removed the whole segment
     * and lost acknowledged records.
     */
    @Test
    void trimAfterARefusedBatchDeletesNoAcknowledgedRecord() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        for (int i = 0; i < 12; i++) {
            expected.append(log.log(), 900);
            long next = log.log().nextId();
            LogRecord good = new Stamp(next, 99).record(100);
            assertThatThrownBy(() -> log.log().append(good, new Stamp(next + 2, 99).record(100)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> log.log().append(good, new Stamp(next + 1, 99).record(16385)))
                    .isInstanceOf(RecordTooLargeException.class);
        }
        for (long id = 0; id <= 11; id++) {
            expected.trim(log.log(), id);
            assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
            assertThat(SimulatedLog.recordsOn(disk.state().killed())).isEqualTo(expected.records());
        }
    }

    /** Original bug: a segment that could not be created left a nil pointer, and the next append panicked. */
    @Test
    void appendsContinueAfterARollOnAFullDisk() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        disk.limitTo(disk.usedBytes());
        long steps = 0;
        for (boolean full = false; !full; ) {
            steps = disk.steps();
            try {
                expected.append(log.log(), 500);
            } catch (DiskFullException e) {
                full = true;
            }
        }
        assertThat(disk.steps()).isGreaterThan(steps);
        assertThat(expected.records()).isNotEmpty();
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> expected.append(log.log(), 500)).isInstanceOf(DiskFullException.class);
            assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        }
        disk.limitTo(Long.MAX_VALUE);
        for (int i = 0; i < 20; i++) {
            expected.append(log.log(), 500);
        }
        assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        assertThat(SimulatedLog.recordsOn(disk.state().powerCut(PowerCut.NOTHING)))
                .isEqualTo(expected.records());
    }

    /**
     * As above, with a failing disk. Whichever operation of a roll fails, the next append must throw a declared
     * exception.
     */
    @Test
    void appendAfterARollThatFailedIsRefused() throws IOException {
        int steps = rollSteps(new CrashDisk());
        assertThat(steps).isGreaterThan(4);
        for (int step = 0; step < steps; step++) {
            CrashDisk failing = new CrashDisk();
            Expected before = new Expected();
            SimulatedLog log = filled(failing, before);
            failing.fail(new Fault(failing.steps() + step, Fault.Kind.ERROR, false));
            Throwable failure = catchThrowable(() -> before.append(log.log(), 1500));
            if (failure instanceof CallRefusedException) {
                before.append(log.log(), 50); // the log was not changed
            } else {
                assertThat(failure).isInstanceOf(LogFailedException.class);
                assertThatThrownBy(() -> before.append(log.log(), 50)).isInstanceOf(LogFailedException.class);
            }
            assertThat(AllRecords.of(log.log())).isEqualTo(before.records());
            log.close();
            List<LogRecord> found = SimulatedLog.recordsOn(failing);
            assertThat(found).startsWith(before.records().toArray(LogRecord[]::new));
            assertThat(found.size()).isLessThanOrEqualTo(before.records().size() + 1);
        }
    }

    private static int rollSteps(CrashDisk disk) throws IOException {
        Expected records = new Expected();
        SimulatedLog log = filled(disk, records);
        long before = disk.steps();
        records.append(log.log(), 1500);
        return (int) (disk.steps() - before);
    }

    /** Creates a log whose next append of 1500 bytes rolls. */
    static SimulatedLog filled(CrashDisk disk, Expected expected) throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        expected.append(log.log(), 1500);
        log.settle();
        return log;
    }

    /**
     * Original bug: the newest segment had to start with a whole record. After a power failure during its first write,
     * the log never opened again.
     */
    @Test
    void logOpensIfTheFirstRecordOfTheNewestSegmentIsTorn() throws IOException {
        SimulatedLog log = filled(disk, expected);
        List<LogRecord> before = expected.records();
        List<Crashes.Point> points = Crashes.during(disk, () -> expected.append(log.log(), 1500));
        int torn = 0;
        for (Crashes.Point point : points) {
            DiskStep step = point.step();
            boolean first = step.kind() == Kind.WRITE_SYNCED && step.offset() == 4096 && step.length() > 1500;
            List<CrashDisk> images = new ArrayList<>(List.of(point.state().killed()));
            point.state().cuts(20, 1).forEach(cut -> images.add(point.state().powerCut(cut)));
            for (CrashDisk image : images) {
                List<LogRecord> found = SimulatedLog.recordsOn(image);
                assertThat(found).isIn(before, expected.records());
                torn += first && (point.moment() == Moment.WITHIN || point.moment() == Moment.WRITTEN) ? 1 : 0;
            }
        }
        assertThat(torn).as("images with a torn first record").isGreaterThan(10);
    }

    /** Original bug: opening a log for reading cut off its torn tail, even while a writer was using it. */
    @Test
    void readerOfATornLogChangesNothing(@TempDir Path directory) throws IOException {
        SimulatedLog log = filled(disk, expected);
        List<Crashes.Point> points = Crashes.during(disk, () -> expected.append(log.log(), 700, 700));
        for (Crashes.Point point : points) {
            CrashDisk image = point.state()
                    .powerCut(new PowerCut(PowerCut.Kind.RANDOM, point.step().number()));
            long digest = image.state().digest();
            try (Log reader = SimulatedLog.openReadOnly(image)) {
                assertThat(AllRecords.of(reader)).startsWith(expected.records().get(0));
            }
            assertThat(image.steps()).as("operations that change the disk").isZero();
            assertThat(image.state().digest()).isEqualTo(digest);
        }
        Image torn = Image.of(points.stream()
                .filter(point -> point.moment() == Moment.WITHIN && point.step().kind() == Kind.WRITE_SYNCED)
                .reduce((first, second) -> second)
                .orElseThrow()
                .state()
                .killed());
        torn.writeTo(directory);
        try (FileLog reader = FileLog.openReadOnly(directory)) {
            assertThat(AllRecords.of(reader)).startsWith(expected.records().get(0));
            assertThat(reader.recovery().tornBytes()).isPositive();
        }
        assertThat(Image.of(directory).same(torn)).isTrue();
    }

    /**
     * Original bug: a reader at the end of a segment missed later appends to that segment and continued in the next
     * segment.
     */
    @Test
    void cursorAtTheEndSeesLaterAppendsAcrossSegments() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        List<LogRecord> returned = new ArrayList<>();
        List<LogRecord> returnedByReader = new ArrayList<>();
        try (LogCursor cursor = log.log().cursor(0);
                Log reader = SimulatedLog.openReadOnly(disk);
                LogCursor readerCursor = reader.cursor(0)) {
            for (int i = 0; i < 60; i++) {
                assertThat(cursor.next()).isFalse();
                expected.append(log.log(), 20 + 97 * i % 1500);
                if (i % 3 == 0) {
                    log.environment().idle();
                }
                AllRecords.addAll(cursor, returned);
                assertThat(returned).isEqualTo(expected.records());
                AllRecords.addAll(readerCursor, returnedByReader);
                assertThat(expected.records()).startsWith(returnedByReader.toArray(LogRecord[]::new));
            }
        }
        assertThat(log.log().stats().segments()).isGreaterThan(5);
        assertThat(returnedByReader.size()).isGreaterThan(50);
    }

    /** Original bug: readers and a restart returned the first half of a batch whose second half was not written. */
    @Test
    void partlyWrittenBatchIsNeverReturned() throws IOException {
        for (int[] batch : List.of(new int[] {600, 600, 300}, new int[] {4000, 4000, 4000}, new int[] {20, 1000, 20})) {
            CrashDisk writing = new CrashDisk();
            Expected records = new Expected();
            SimulatedLog log = SimulatedLog.open(writing);
            records.append(log.log(), 300);
            List<LogRecord> before = records.records();
            List<Crashes.Point> points = new ArrayList<>();
            try (Log reader = SimulatedLog.openReadOnly(writing)) {
                writing.listen((step, moment) -> {
                    points.add(new Crashes.Point(step, moment, writing.state()));
                    assertThat(shown(log.log())).isEqualTo(before);
                    assertThat(shown(reader)).isSubsetOf(before);
                });
                records.append(log.log(), batch);
                writing.listen(null);
            }
            for (Crashes.Point point : points) {
                assertThat(SimulatedLog.recordsOn(point.state().killed())).isIn(before, records.records());
                for (PowerCut cut : point.state().cuts(20, 1)) {
                    assertThat(SimulatedLog.recordsOn(point.state().powerCut(cut)))
                            .isIn(before, records.records());
                }
            }
        }
    }

    private static List<LogRecord> shown(Log log) {
        try {
            return AllRecords.of(log);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Original bug: truncated records reappeared after a power failure. If the new records had the same sizes, the old
     * records after them continued the log.
     */
    @Test
    void truncatedRecordsNeverReturnWithNewRecordsOfAnySize() throws IOException {
        for (int length : new int[] {60, 480, 1500}) {
            for (int kept : new int[] {0, 3, 9}) {
                CrashDisk truncated = new CrashDisk();
                Expected records = new Expected();
                SimulatedLog log = SimulatedLog.open(truncated);
                for (int i = 0; i < 10; i++) {
                    records.append(log.log(), length);
                }
                List<LogRecord> old = records.records();
                List<Crashes.Point> points = Crashes.during(truncated, () -> records.truncate(log.log(), kept));
                for (Crashes.Point point : points) {
                    assertFoundAfterCrash(point, List.of(old, records.records()));
                }
                for (int i = 0; i < 4; i++) {
                    List<LogRecord> before = records.records();
                    List<Crashes.Point> later = Crashes.during(truncated, () -> records.append(log.log(), length));
                    for (Crashes.Point point : later) {
                        assertFoundAfterCrash(point, List.of(before, records.records()));
                    }
                }
            }
        }
    }

    private static void assertFoundAfterCrash(Crashes.Point point, List<List<LogRecord>> allowed) throws IOException {
        assertThat(SimulatedLog.recordsOn(point.state().killed())).isIn(allowed);
        for (PowerCut cut : point.state().cuts(CUTS, 1)) {
            assertThat(SimulatedLog.recordsOn(point.state().powerCut(cut)))
                    .as(cut + " at " + point.step())
                    .isIn(allowed);
        }
    }

    /**
     * Original bug: records returned after a restart from a kill were only in the page cache. The next power failure
     * lost them.
     */
    @Test
    void recordsReturnedAfterAKillSurviveALaterPowerFailure() throws IOException {
        SimulatedLog log = filled(disk, expected);
        List<Crashes.Point> points = Crashes.during(disk, () -> {
            expected.append(log.log(), 300, 300);
            expected.append(log.log(), 1500);
            expected.truncate(log.log(), 2);
            expected.append(log.log(), 1500);
            // These records do not fit into a spare.
            expected.append(log.log(), 9000, 9000);
        });
        for (Crashes.Point point : points) {
            CrashDisk killed = point.state().killed();
            SimulatedLog reopened = SimulatedLog.open(killed);
            List<LogRecord> shown = AllRecords.of(reopened.log());
            for (PowerCut cut : killed.state().cuts(CUTS, 1)) {
                assertThat(SimulatedLog.recordsOn(killed.state().powerCut(cut)))
                        .as(cut + " after a kill at " + point.step())
                        .isEqualTo(shown);
            }
        }
    }

    /**
     * Original bug, as after a kill: a failed sync left bytes in the page cache that never reached the disk, and a
     * second sync reported success.
     */
    @Test
    void recordsReturnedAfterAFailedSyncSurviveALaterPowerFailure() throws IOException {
        for (int seed = 0; seed < 30; seed++) {
            CrashDisk failing = new CrashDisk();
            Expected records = new Expected();
            SimulatedLog log = SimulatedLog.open(failing);
            for (int i = 0; i < seed; i++) {
                records.append(log.log(), 100); // a different step number gives a different seed
            }
            failing.fail(new Fault(failing.steps(), Fault.Kind.ERROR, false));
            assertThat(catchThrowable(() -> records.append(log.log(), 600, 600)))
                    .isInstanceOfAny(LogFailedException.class, CallRefusedException.class);
            failing.kill();
            SimulatedLog reopened = SimulatedLog.open(failing);
            List<LogRecord> shown = AllRecords.of(reopened.log());
            assertThat(shown).isIn(records.records(), records.attempted());
            for (PowerCut cut : failing.state().cuts(CUTS, 1)) {
                assertThat(SimulatedLog.recordsOn(failing.state().powerCut(cut)))
                        .isEqualTo(shown);
            }
        }
    }

    /**
     * Original bug: with an empty newest segment, the last id was reported as 0. Truncate did nothing, and append
     * started at the first id again.
     */
    @Test
    void idsAreCorrectWithAnEmptyNewestSegment() throws IOException {
        SimulatedLog log = filled(disk, expected);
        expected.append(log.log(), 1000);
        List<LogRecord> before = expected.records();
        List<Crashes.Point> points = Crashes.during(disk, () -> expected.append(log.log(), 1500));
        Crashes.Point empty = points.stream()
                .filter(point ->
                        point.step().kind() == Kind.WRITE_SYNCED && point.step().length() > 1500)
                .findFirst()
                .orElseThrow();
        for (Crashes.Action action : List.<Crashes.Action>of(
                () -> {
                    Expected all = new Expected();
                    SimulatedLog opened = SimulatedLog.open(empty.state().killed());
                    assertThat(AllRecords.of(opened.log())).isEqualTo(before);
                    assertThat(opened.log().nextId()).isEqualTo(3);
                    all.append(opened.log(), 100);
                    assertThat(AllRecords.of(opened.log())).hasSize(3).startsWith(before.toArray(LogRecord[]::new));
                    assertThat(SimulatedLog.recordsOn(opened.disk().state().powerCut(PowerCut.NOTHING)))
                            .isEqualTo(AllRecords.of(opened.log()));
                },
                () -> {
                    SimulatedLog opened = SimulatedLog.open(empty.state().killed());
                    opened.log().truncate(1);
                    assertThat(AllRecords.of(opened.log())).isEqualTo(before.subList(0, 1));
                    assertThat(SimulatedLog.recordsOn(opened.disk().state().powerCut(PowerCut.NOTHING)))
                            .isEqualTo(before.subList(0, 1));
                },
                () -> {
                    SimulatedLog opened = SimulatedLog.open(empty.state().killed());
                    opened.log().trim(1);
                    assertThat(AllRecords.of(opened.log())).isEqualTo(before.subList(1, 2));
                    opened.log().trim(100);
                    assertThat(AllRecords.of(opened.log())).isEmpty();
                    assertThat(opened.log().nextId()).isEqualTo(3);
                    opened.close();
                    try (SimulatedLog again = SimulatedLog.open(opened.disk())) {
                        assertThat(AllRecords.of(again.log())).isEmpty();
                        assertThat(again.log().append(new byte[9])).isEqualTo(3);
                    }
                })) {
            action.run();
        }
    }
}
