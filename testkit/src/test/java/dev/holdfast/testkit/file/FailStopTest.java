package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.testkit.disk.DiskStep.Kind;
import dev.holdfast.testkit.disk.DiskStep.Moment;
import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.commit.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Makes one operation of the disk fail in each run of a log. Together the runs cover every operation. */
class FailStopTest {
    /** Segments that grow, so that a spare must be created although files were just recycled. */
    private static final LogSettings GROWING = new LogSettings(32 << 10, 8 << 10, 16 << 10, 1 << 20, true, 8);

    /** Durability below power failure: an append returns when its group is written, and the group is synced later. */
    private static final LogSettings SYNCED_LATER = new LogSettings(32 << 10, 8 << 10, 16 << 10, 1 << 20, false, 8);

    private static final List<PowerCut> CUTS =
            List.of(PowerCut.NOTHING, PowerCut.EVERYTHING, PowerCut.random(1), PowerCut.random(2), PowerCut.random(3));

    /** One call of a run. */
    private interface Call {
        void run(SimulatedLog log, Expected expected) throws IOException;
    }

    private static final Call SETTLE = (log, expected) -> log.settle();
    private static final Call IDLE = synced((log, expected) -> log.environment().idle());
    private static final Call SYNC = synced((log, expected) -> log.log().sync());

    /** The calls of a run: appends, rolls, and every way to remove records. */
    private static final List<Call> CALLS = List.of(
            append(100),
            append(200, 300, 40),
            append(1500),
            SETTLE,
            append(1500),
            append(1200),
            SETTLE,
            append(1300, 900),
            truncate(2),
            append(700),
            SETTLE,
            IDLE,
            append(700),
            SETTLE,
            append(9000),
            append(500),
            SYNC,
            trim(3),
            append(2000),
            SETTLE,
            truncate(0),
            append(2000),
            append(2000),
            SETTLE,
            truncate(1),
            append(2000),
            SETTLE,
            append(2000),
            trim(1000),
            append(300),
            synced((log, expected) -> expected.reset(log.log(), 5000)),
            SETTLE,
            append(2000),
            SETTLE,
            append(2000),
            append(2000),
            truncate(1000),
            append(60),
            synced((log, expected) -> log.close()));

    /** Returns a call that also syncs everything acknowledged, at any durability. */
    private static Call synced(Call call) {
        return (log, expected) -> {
            call.run(log, expected);
            // A sync that fails during idle time is not reported to any call.
            if (log.log().stats().state() != LogStats.State.FAILED) {
                expected.synced();
            }
        };
    }

    private static Call append(int... lengths) {
        return (log, expected) -> expected.append(log.log(), lengths);
    }

    private static Call truncate(int drop) {
        return synced((log, expected) -> expected.truncate(log.log(), Math.max(-1, expected.lastId() - drop - 1)));
    }

    private static Call trim(int drop) {
        return synced((log, expected) ->
                expected.trim(log.log(), expected.records().get(0).id() + drop - 1));
    }

    static Stream<Arguments> kinds() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(SimulatedLog.SMALL, GROWING, SYNCED_LATER)
                        .map(settings -> Arguments.of(kind, settings)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void failedOperationStopsTheLogOrHasNoEffect(Kind kind, LogSettings settings) throws IOException {
        List<DiskStep> steps = steps(settings, kind);
        int refusals = 0;
        for (DiskStep step : steps) {
            try {
                refusals += new Run(settings, step).perform() ? 1 : 0;
            } catch (AssertionError | IOException | RuntimeException e) {
                throw new AssertionError("if this operation fails: " + step, e);
            }
        }
        System.out.println(
                "FailStopTest: " + kind + ": " + refusals + " of " + steps.size() + " failures are refusals");
        if (kind == Kind.SYNC_NAMES) {
            assertThat(refusals)
                    .as("refusals by failed syncs of names, which may have taken effect")
                    .isZero();
        } else if (kind == Kind.CREATE || kind == Kind.WRITE_SYNCED) {
            assertThat(refusals).as("refusals before a segment has its name").isPositive();
        }
    }

    @Test
    void faultsCoverEveryKindOfOperation() throws IOException {
        for (Kind kind : Kind.values()) {
            assertThat(steps(GROWING, kind)).as(kind.toString()).isNotEmpty();
            assertThat(steps(SYNCED_LATER, kind)).as(kind + ", synced later").isNotEmpty();
        }
    }

    /** Returns all operations of a kind in a run without failures. */
    private static List<DiskStep> steps(LogSettings settings, Kind kind) throws IOException {
        List<DiskStep> steps = new ArrayList<>();
        CrashDisk disk = new CrashDisk();
        SimulatedLog log = SimulatedLog.open(disk, settings);
        disk.listen((step, moment) -> {
            if (moment == Moment.BEFORE && step.kind() == kind) {
                steps.add(step);
            }
        });
        Expected expected = new Expected();
        for (Call call : CALLS) {
            call.run(log, expected);
        }
        return steps;
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(LogFailedException.class).hasCauseInstanceOf(IOException.class);
    }

    /** A run in which one operation fails. */
    private static final class Run {
        private boolean refused;

        private final LogSettings settings;
        private final DiskStep failing;
        private final CrashDisk disk = new CrashDisk();
        private final Expected expected = new Expected();
        private final List<DiskStep> afterFailure = new ArrayList<>();

        Run(LogSettings settings, DiskStep failing) {
            this.settings = settings;
            this.failing = failing;
        }

        /** Performs the run. Returns whether a call was refused and succeeded when it was repeated. */
        boolean perform() throws IOException {
            SimulatedLog log = SimulatedLog.open(disk, settings);
            disk.fail(new Fault(failing.number(), Fault.Kind.ERROR, false));
            disk.listen((step, moment) -> {
                if (moment == Moment.BEFORE && step.number() > failing.number()) {
                    afterFailure.add(step);
                }
            });
            for (Call call : CALLS) {
                try {
                    call.run(log, expected);
                } catch (CallRefusedException e) {
                    // The log has not changed: it continues, and the same call succeeds.
                    assertThat(e).rootCause().hasMessageContaining("simulated fault");
                    assertThat(log.log().stats().state()).isEqualTo(LogStats.State.OPEN);
                    assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
                    assertThat(SimulatedLog.recordsOn(disk.state().powerCut(PowerCut.EVERYTHING)))
                            .isEqualTo(expected.records());
                    refused = true;
                    call.run(log, expected);
                } catch (LogFailedException e) {
                    assertThat(e).rootCause().hasMessageContaining("simulated fault");
                    assertThat(disk.strikes()).isEqualTo(1);
                    if (log.log().stats().state() != LogStats.State.CLOSED) {
                        assertStopped(log);
                    }
                    assertDecidedByReopening();
                    return refused;
                }
                if (log.log().stats().state() == LogStats.State.FAILED) {
                    assertStopped(log);
                    assertDecidedByReopening();
                    return refused;
                }
                afterFailure.clear();
            }
            // The failure happened in the background while a spare was created, so no call had to report it.
            assertThat(disk.strikes()).isEqualTo(1);
            assertDecidedByReopening();
            return refused;
        }

        private void assertStopped(SimulatedLog simulated) throws IOException {
            assertThat(afterFailure)
                    .as("writes and syncs after the failure")
                    .extracting(DiskStep::kind)
                    .doesNotContain(Kind.WRITE, Kind.WRITE_SYNCED, Kind.SYNC_FILE, Kind.SYNC_NAMES);
            // A spare requested before the failure may still be created, because no record is ever in it.
            simulated.settle();
            Log log = simulated.log();
            long steps = disk.steps();
            List<LogRecord> visible = AllRecords.of(log);
            assertThat(visible).isIn(expected.records(), expected.attempted());
            assertRefused(() -> log.append(new Stamp(log.nextId(), 0).record(50)));
            assertRefused(() -> log.append(new byte[50]));
            assertRefused(() -> log.append(ByteBuffer.allocate(50)));
            assertRefused(() -> log.appendAll(List.of(ByteBuffer.allocate(50))));
            assertRefused(() -> log.truncate(0));
            assertRefused(() -> log.trim(1));
            assertRefused(() -> log.reset(1));
            assertRefused(log::sync);
            assertThat(log.appendAsync(ByteBuffer.allocate(50))).isCompletedExceptionally();
            simulated.settle();
            simulated.environment().idle();
            assertThat(log.stats().state()).isEqualTo(LogStats.State.FAILED);
            assertThat(log.stats().cause()).isPresent();
            assertThat(AllRecords.of(log)).isEqualTo(visible);
            try {
                log.close();
            } catch (LogFailedException e) {
                assertThat(settings.syncEachGroup())
                        .as("close throws only if acknowledged records are not synced")
                        .isFalse();
            }
            assertThat(disk.steps())
                    .as("operations on the disk after the failure")
                    .isEqualTo(steps);
        }

        /** Asserts that the failed call took effect completely or not at all, and that this does not change later. */
        private void assertDecidedByReopening() throws IOException {
            disk.fail(null);
            disk.listen(null);
            DiskState left = disk.state();
            List<LogRecord> found = assertContinues(left.killed());
            assertThat(found).isIn(expected.records(), expected.attempted());
            for (PowerCut cut : CUTS) {
                assertLeftByThePower(assertContinues(left.powerCut(cut)));
            }
            // A power failure must not remove records that an earlier open has returned.
            CrashDisk reopened = left.killed();
            SimulatedLog.open(reopened, settings);
            for (PowerCut cut : CUTS) {
                assertThat(SimulatedLog.recordsOn(reopened.state().powerCut(cut)))
                        .as("after " + cut)
                        .isEqualTo(found);
            }
        }

        /** Asserts that the power failure removed at most unsynced records from the end. */
        private void assertLeftByThePower(List<LogRecord> found) {
            if (settings.syncEachGroup()) {
                assertThat(found).isIn(expected.records(), expected.attempted());
                return;
            }
            assertThat(List.of(expected.records(), expected.attempted()))
                    .as("found %s, which must be a prefix of one of these", found)
                    .anyMatch(whole -> whole.size() >= found.size()
                            && whole.subList(0, found.size()).equals(found));
            assertThat(found).containsAll(expected.kept());
        }

        private List<LogRecord> assertContinues(CrashDisk image) throws IOException {
            List<LogRecord> found = SimulatedLog.recordsOn(image);
            try (SimulatedLog again = SimulatedLog.open(image, settings)) {
                assertThat(AllRecords.of(again.log())).isEqualTo(found);
                long id = again.log().append(new byte[30]);
                assertThat(again.log().lastId()).hasValue(id);
            }
            return found;
        }
    }

    /**
     * A failure before this sync refuses the call. From this sync on, a crash may or may not leave the new segment, so
     * the log fails.
     */
    @Test
    void failedSyncOfANewSegmentsNameFailsTheLog() throws IOException {
        CrashDisk disk = new CrashDisk();
        SimulatedLog log = SimulatedLog.open(disk);
        new Expected().append(log.log(), 100, 100);
        log.settle();
        disk.listen((step, moment) -> {
            if (moment == Moment.BEFORE && step.kind() == Kind.RENAME) {
                disk.fail(new Fault(step.number() + 1, Fault.Kind.ERROR, false));
            }
        });
        assertThatThrownBy(() -> log.log().truncate(1)).isInstanceOf(LogFailedException.class);
        assertThat(log.log().stats().state()).isEqualTo(LogStats.State.FAILED);
    }

    @Test
    void everyWaitingCallReceivesTheFailure() throws IOException {
        CrashDisk disk = new CrashDisk();
        SimulatedLog log = SimulatedLog.open(disk);
        Expected expected = new Expected();
        expected.append(log.log(), 100, 100);
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            futures.add(log.log().appendAsync(ByteBuffer.allocate(1000)));
        }
        disk.fail(new Fault(disk.steps(), Fault.Kind.ERROR, false));
        log.settle();
        for (CompletableFuture<Long> future : futures) {
            assertThatThrownBy(future::join)
                    .hasCauseInstanceOf(LogFailedException.class)
                    .rootCause()
                    .hasMessageContaining("simulated fault");
        }
        assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        assertThat(disk.strikes()).isEqualTo(1);
    }

    /** The futures need two groups. The second group needs another segment, which gets no name. */
    @Test
    void failedLogRunsTheHooksOfAcknowledgedAppendsAndNoOthers() throws IOException {
        CrashDisk disk = new CrashDisk();
        SimulatedLog log = SimulatedLog.open(disk);
        List<Long> ran = new ArrayList<>();
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            futures.add(log.log().appendAsync(ByteBuffer.allocate(1000), ran::add));
        }
        disk.listen((step, moment) -> {
            if (moment == Moment.BEFORE && step.kind() == Kind.RENAME && !ran.isEmpty()) {
                disk.fail(new Fault(step.number() + 1, Fault.Kind.ERROR, false));
            }
        });
        log.settle();
        assertRefused(() -> log.log().append(ByteBuffer.allocate(1), ran::add));
        assertThat(ran).startsWith(1L, 2L);
        for (int i = 0; i < futures.size(); i++) {
            CompletableFuture<Long> future = futures.get(i);
            if (i < ran.size()) {
                assertThat(future.join()).isEqualTo(ran.get(i)).isEqualTo(i + 1);
            } else {
                assertThatThrownBy(future::join).hasCauseInstanceOf(LogFailedException.class);
            }
        }
        assertThat(futures.get(futures.size() - 1)).isCompletedExceptionally();
        assertThat(log.log().lastId()).hasValue(ran.size());
    }

    @Test
    void failedCloseReleasesTheLock() throws IOException {
        CrashDisk disk = new CrashDisk();
        SimulatedLog log = SimulatedLog.open(disk);
        Expected expected = new Expected();
        expected.append(log.log(), 100, 100);
        disk.fail(new Fault(disk.steps(), Fault.Kind.ERROR, true));
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        disk.fail(null);
        assertThat(SimulatedLog.recordsOn(disk)).isEqualTo(expected.records());
    }

    /**
     * Below the durability of power failure, acknowledged records are synced during idle time, and no call waits for
     * that sync.
     */
    @Test
    void closeReportsAcknowledgedRecordsThatCouldNotBeSynced() throws IOException {
        CrashDisk disk = new CrashDisk();
        LogSettings unsynced = new LogSettings(8 << 10, 8 << 10, 16 << 10, 1 << 20, false, 8);
        SimulatedLog log = SimulatedLog.open(disk, unsynced);
        new Expected().append(log.log(), 100, 100);
        disk.fail(new Fault(disk.steps(), Fault.Kind.ERROR, false));
        log.environment().idle();
        assertThat(disk.strikes()).isEqualTo(1);
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
    }
}
