package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.commit.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fills the simulated disk completely. No acknowledged record may be lost, and opening, removing and closing must work.
 */
class FullDiskTest {
    private static final int MOST_POINTS = 25;
    private final CrashDisk disk = new CrashDisk();
    private final Expected expected = new Expected();

    /** Appends records of this length until the disk is full. */
    static DiskFullException fill(Log log, Expected expected, int length) throws IOException {
        for (int i = 0; i < 100_000; i++) {
            try {
                expected.append(log, length);
            } catch (DiskFullException e) {
                return e;
            }
        }
        throw new AssertionError("the disk did not become full");
    }

    /** Creates a log that has filled the disk to the last byte. */
    private SimulatedLog full() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        for (int i = 0; i < 4; i++) {
            expected.append(log.log(), 1500);
            log.settle();
        }
        disk.limitTo(disk.usedBytes());
        fill(log.log(), expected, 400);
        log.settle();
        return log;
    }

    @Test
    void refusedAppendWritesNothing() throws IOException {
        SimulatedLog log = full();
        long digest = disk.state().digest();
        for (int length : new int[] {400, 2000, 16000}) {
            assertThatThrownBy(() -> expected.append(log.log(), length))
                    .isInstanceOf(DiskFullException.class)
                    .hasMessageContaining("no room");
            assertThatThrownBy(() -> expected.append(log.log(), length, length)).isInstanceOf(DiskFullException.class);
            assertThat(disk.state().digest()).as("names and bytes on the disk").isEqualTo(digest);
            assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
            assertThat(log.log().stats().state()).isEqualTo(LogStats.State.OPEN);
        }
        assertThat(SimulatedLog.recordsOn(disk.state().powerCut(PowerCut.NOTHING)))
                .isEqualTo(expected.records());
    }

    @Test
    void appendsQueuedBehindARefusedAppendAreRefusedAndTheirIdsReused() throws IOException {
        SimulatedLog log = full();
        long next = log.log().nextId();
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            futures.add(log.log().appendAsync(ByteBuffer.allocate(2000)));
        }
        CompletableFuture<Void> explicit = log.log().appendAsync(List.of(new Stamp(next + 6, 1).record(100)));
        log.settle();
        DiskFullException first = refusal(futures.get(0));
        for (CompletableFuture<Long> future : futures) {
            assertThat(refusal(future)).isSameAs(first);
        }
        assertThat(refusal(explicit)).isSameAs(first);
        assertThat(log.log().nextId()).isEqualTo(next);
        assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        disk.limitTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> log.log().append(new Stamp(next + 1, 1).record(100)))
                .isInstanceOf(IllegalArgumentException.class);
        expected.append(log.log(), 100);
        assertThat(log.log().lastId()).hasValue(next);
    }

    private static DiskFullException refusal(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        try {
            future.join();
            throw new AssertionError("the append was not refused");
        } catch (CompletionException e) {
            assertThat(e.getCause()).isInstanceOf(DiskFullException.class);
            return (DiskFullException) e.getCause();
        }
    }

    @Test
    void appendsContinueOnceSpaceIsFree() throws IOException {
        SimulatedLog log = full();
        for (int i = 0; i < 5; i++) {
            disk.limitTo(disk.usedBytes() + (16 << 10));
            fill(log.log(), expected, 700);
            assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        }
        disk.limitTo(Long.MAX_VALUE);
        for (int i = 0; i < 10; i++) {
            expected.append(log.log(), 1500);
        }
        assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        assertThat(SimulatedLog.recordsOn(disk.state().powerCut(PowerCut.NOTHING)))
                .isEqualTo(expected.records());
    }

    @Test
    void trimMakesRoomForAppends() throws IOException {
        SimulatedLog log = full();
        for (int i = 0; i < 20; i++) {
            long firstId = expected.records().get(0).id();
            expected.trim(log.log(), (firstId + expected.lastId()) / 2);
            int before = expected.records().size();
            fill(log.log(), expected, 400);
            log.settle();
            assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
            assertThat(i > 0 || expected.records().size() > before)
                    .as("the first trim frees space for appends")
                    .isTrue();
        }
        assertThat(SimulatedLog.recordsOn(disk.state().powerCut(PowerCut.NOTHING)))
                .isEqualTo(expected.records());
    }

    /** An operation on a log with no free byte on the disk. */
    private interface Call {
        void run(Log log, Expected expected) throws IOException;
    }

    @Test
    void truncateNeedsNoFreeByte() throws IOException {
        assertWorksOnAFullDisk((log, all) -> all.truncate(log, all.lastId() - 1));
        assertWorksOnAFullDisk((log, all) -> all.truncate(log, 2));
        assertWorksOnAFullDisk((log, all) -> all.truncate(log, -1));
        assertWorksOnAFullDisk((log, all) -> {
            for (long last = all.lastId() - 1; last > 0; last -= 2) {
                all.truncate(log, last);
            }
        });
    }

    @Test
    void resetNeedsNoFreeByte() throws IOException {
        assertWorksOnAFullDisk((log, all) -> all.reset(log, 700));
        assertWorksOnAFullDisk((log, all) -> {
            all.reset(log, 700);
            all.reset(log, 3);
            all.reset(log, 9);
        });
    }

    @Test
    void trimNeedsNoFreeByte() throws IOException {
        assertWorksOnAFullDisk((log, all) -> all.trim(log, 2));
        assertWorksOnAFullDisk((log, all) -> all.trim(log, all.lastId()));
        assertWorksOnAFullDisk((log, all) -> {
            for (long id = 1; id < all.lastId(); id++) {
                all.trim(log, id);
            }
        });
        assertWorksOnAFullDisk((log, all) -> {
            all.trim(log, 3);
            all.truncate(log, all.lastId() - 2);
            all.trim(log, 5);
            all.truncate(log, -1);
            all.reset(log, 1);
        });
    }

    @Test
    void closeAndOpenNeedNoFreeByte() throws IOException {
        assertWorksOnAFullDisk((log, all) -> {});
        assertWorksOnAFullDisk((log, all) -> log.sync());
    }

    /**
     * Runs the call and crashes the disk before, after and at moments within it. Then closes and opens the log. No byte
     * is free at any time.
     */
    private static void assertWorksOnAFullDisk(Call call) throws IOException {
        FullDiskTest test = new FullDiskTest();
        SimulatedLog log = test.full();
        CrashDisk disk = test.disk;
        Expected expected = test.expected;
        List<LogRecord> before = expected.records();
        List<DiskState> states = new ArrayList<>(List.of(disk.state()));
        List<Crashes.Point> points = Crashes.during(disk, () -> call.run(log.log(), expected));
        int stride = points.size() / MOST_POINTS + 1;
        for (int i = 0; i < points.size(); i += stride) {
            states.add(points.get(i).state());
        }
        assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        assertThat(log.log().stats().state()).isEqualTo(LogStats.State.OPEN);
        for (DiskState state : states) {
            for (CrashDisk crashed : List.of(
                    state.killed(), state.powerCut(PowerCut.NOTHING), state.powerCut(PowerCut.random(states.size())))) {
                assertOpensAndRemoves(crashed, before);
            }
        }
        assertThat(SimulatedLog.recordsOn(disk.state().killed())).isEqualTo(expected.records());
        log.close();
        for (int i = 0; i < 3; i++) {
            assertThat(SimulatedLog.recordsOn(disk)).isEqualTo(expected.records());
        }
        disk.limitTo(Long.MAX_VALUE);
        try (SimulatedLog again = SimulatedLog.open(disk)) {
            expected.append(again.log(), 1500);
            expected.append(again.log(), 1500);
            assertThat(AllRecords.of(again.log())).isEqualTo(expected.records());
        }
    }

    private static void assertOpensAndRemoves(CrashDisk crashed, List<LogRecord> before) throws IOException {
        List<LogRecord> found;
        try (SimulatedLog opened = SimulatedLog.open(crashed)) {
            found = AllRecords.of(opened.log());
            assertThat(before).containsAll(found);
        }
        SimulatedLog opened = SimulatedLog.open(crashed);
        assertThat(AllRecords.of(opened.log())).isEqualTo(found);
        if (found.size() > 1) {
            opened.log().truncate(found.get(found.size() - 2).id());
            assertThat(AllRecords.of(opened.log())).isEqualTo(found.subList(0, found.size() - 1));
        }
        crashed.kill();
        SimulatedLog last = SimulatedLog.open(crashed);
        last.log().reset(77);
        last.close();
        try (SimulatedLog again = SimulatedLog.open(crashed)) {
            assertThat(AllRecords.of(again.log())).isEmpty();
            assertThat(again.log().nextId()).isEqualTo(77);
        }
    }

    /**
     * If the first recovery crashed between two of its markers, the second recovery must not use up a spare for good.
     */
    @Test
    void recoveryAfterACrashedRecoveryLeavesASpareForTruncate() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        expected.append(log.log(), 100, 50);
        expected.append(log.log(), 2000);
        disk.limitTo(disk.usedBytes());
        CrashDisk recovering = disk.state().powerCut(PowerCut.NOTHING);
        for (Crashes.Point point : Crashes.during(recovering, () -> SimulatedLog.open(recovering))) {
            for (CrashDisk crashed :
                    List.of(point.state().killed(), point.state().powerCut(PowerCut.NOTHING))) {
                SimulatedLog opened = SimulatedLog.open(crashed);
                assertThat(AllRecords.of(opened.log())).isEqualTo(expected.records());
                opened.log().truncate(1);
                assertThat(AllRecords.of(opened.log()))
                        .as("%s %s", point.moment(), point.step())
                        .isEqualTo(expected.records().subList(0, 1));
            }
        }
    }

    /**
     * Two operations use up a spare for good: the recovery, whose tail stays in place, and the first truncate of the
     * records that the recovery has copied.
     */
    @Test
    void recordsCanBeTruncatedOneByOneOnAFullDiskAfterARecovery() throws IOException {
        SimulatedLog log = SimulatedLog.open(disk);
        expected.append(log.log(), 40);
        expected.append(log.log(), 500);
        expected.append(log.log(), 900, 600, 60, 30, 30);
        disk.limitTo(disk.usedBytes());
        CrashDisk killed = disk.state().killed();
        SimulatedLog opened = SimulatedLog.open(killed);
        List<LogRecord> records = expected.records();
        assertThat(AllRecords.of(opened.log())).isEqualTo(records);
        for (int left = records.size() - 1; left >= 0; left--) {
            opened.log().truncate(left);
            assertThat(AllRecords.of(opened.log())).isEqualTo(records.subList(0, left));
        }
        CrashDisk after = killed.state().powerCut(PowerCut.NOTHING);
        assertThat(SimulatedLog.recordsOn(after)).isEmpty();
    }

    /** Alternates kills and full disks. Each recovery takes a spare and returns one. */
    @ParameterizedTest
    @ValueSource(ints = {8, 4096})
    void logOpensOnAFullDiskAfterRepeatedKills(int alignment) throws IOException {
        SimulatedLog log = full();
        log.close();
        List<LogRecord> before = expected.records();
        CrashDisk crashed = disk.state().powerCut(PowerCut.NOTHING);
        for (int i = 0; i < 30; i++) {
            SimulatedLog opened =
                    SimulatedLog.open(crashed, new LogSettings(8 << 10, 8 << 10, 16 << 10, 1 << 20, true, alignment));
            assertThat(AllRecords.of(opened.log())).isEqualTo(expected.records());
            try {
                expected.append(opened.log(), 30);
            } catch (DiskFullException e) {
                assertThat(AllRecords.of(opened.log())).isEqualTo(expected.records());
            }
            crashed.cutPower(PowerCut.random(i));
        }
        assertThat(SimulatedLog.recordsOn(crashed))
                .isEqualTo(expected.records())
                .containsAll(before);
    }

    @Test
    void newLogOnAFullDiskIsRefusedAndLeavesAnEmptyDirectory() throws IOException {
        disk.limitTo(12 << 10);
        assertThatThrownBy(() -> SimulatedLog.open(disk)).isInstanceOf(DiskFullException.class);
        assertThatThrownBy(() -> SimulatedLog.open(disk)).isInstanceOf(DiskFullException.class);
        disk.limitTo(Long.MAX_VALUE);
        try (SimulatedLog log = SimulatedLog.open(disk)) {
            expected.append(log.log(), 100);
            assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
        }
    }

    /** Another program immediately uses every byte that becomes free. */
    @Test
    void repeatedRemovalsAndRefusalsNeedNoFreeByte() throws IOException {
        long seed = Long.getLong("holdfast.seed", new SplittableRandom().nextLong());
        System.out.println("FullDiskTest: rerun with -Dholdfast.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        SimulatedLog log = full();
        int refused = 0;
        for (int i = 0; i < 400; i++) {
            disk.limitTo(disk.usedBytes());
            long last = log.log().nextId() - 1;
            switch (random.nextInt(8)) {
                case 0 -> expected.trim(log.log(), Math.max(-1, last - random.nextInt(4)));
                case 1 -> expected.trim(log.log(), Long.MAX_VALUE);
                case 2 -> expected.truncate(log.log(), Math.max(-1, last - random.nextInt(4)));
                case 3 -> expected.truncate(log.log(), -1);
                case 4 -> expected.reset(log.log(), random.nextInt(1000));
                case 5 -> {
                    log.close();
                    log = SimulatedLog.open(disk);
                }
                default -> {
                    try {
                        expected.append(log.log(), new int[] {30, 900, 3000, 16_000}[random.nextInt(4)]);
                    } catch (DiskFullException e) {
                        refused++;
                    }
                }
            }
            if (random.nextBoolean()) {
                log.settle();
            }
            assertThat(AllRecords.of(log.log())).isEqualTo(expected.records());
            assertThat(log.log().stats().state()).isEqualTo(LogStats.State.OPEN);
        }
        assertThat(refused).isPositive();
        assertThat(SimulatedLog.recordsOn(disk.state().killed())).isEqualTo(expected.records());
    }

    /**
     * Tools that copy files may leave out zeros, so spares and the tail contain holes. A log with such files used to
     * fail and never open again.
     */
    @Test
    void copyWithHolesLosesNothingOnAFullDisk() throws IOException {
        LogSettings settings = new LogSettings(32 << 10, 32 << 10, 16 << 10, 1 << 20, true, 8);
        SimulatedLog log = SimulatedLog.open(disk, settings);
        for (int i = 0; i < 8; i++) {
            expected.append(log.log(), 9000);
            log.settle();
        }
        Image killed = Image.of(disk.state().killed());
        log.close();
        Image closed = Image.of(disk);
        List<LogRecord> before = expected.records();
        List<Call> calls = List.of(
                (opened, all) -> all.append(opened, 100),
                (opened, all) -> all.append(opened, 4000),
                (opened, all) -> all.append(opened, 15_000),
                (opened, all) -> all.truncate(opened, all.lastId() - 1),
                (opened, all) -> all.truncate(opened, 2),
                (opened, all) -> all.trim(opened, 3),
                (opened, all) -> all.reset(opened, 50),
                (opened, all) -> opened.sync());
        int refused = 0;
        for (Image image : List.of(closed, killed)) {
            for (long free = 0; free <= 64 << 10; free += 8 << 10) {
                for (Call call : calls) {
                    CrashDisk copy = image.onDiskWithHoles();
                    copy.limitTo(copy.usedBytes() + free);
                    refused += assertNothingIsLost(copy, settings, before, call);
                }
            }
        }
        assertThat(refused).isPositive();
    }

    /**
     * Opens a log, repeats an operation, and checks the log once there is space. Returns how often the operation was
     * refused.
     */
    private static int assertNothingIsLost(CrashDisk copy, LogSettings settings, List<LogRecord> before, Call call)
            throws IOException {
        Expected all = new Expected(before);
        int refused = 0;
        try (SimulatedLog opened = SimulatedLog.open(copy, settings)) {
            assertThat(AllRecords.of(opened.log())).isEqualTo(before);
            for (int i = 0; i < 4; i++) {
                try {
                    call.run(opened.log(), all);
                } catch (DiskFullException e) {
                    refused++;
                }
                opened.settle();
                assertThat(AllRecords.of(opened.log())).isEqualTo(all.records());
                assertThat(opened.log().stats().state()).isEqualTo(LogStats.State.OPEN);
            }
        } catch (DiskFullException e) {
            refused++; // the open was refused
        }
        copy.limitTo(Long.MAX_VALUE);
        try (SimulatedLog again = SimulatedLog.open(copy, settings)) {
            assertThat(AllRecords.of(again.log())).isEqualTo(all.records());
            all.append(again.log(), 9000);
            assertThat(AllRecords.of(again.log())).isEqualTo(all.records());
        }
        return refused;
    }
}
