package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskState;
import dev.holdfast.testkit.disk.PowerCut;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.format.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A log that grows in bulk writes into holes. A group that finds no space there was written in part. */
class FullDiskInBulkTest {
    @Test
    void groupThatFindsNoSpaceInAHoleIsRefusedAndNeverComesBack() throws IOException {
        int refused = 0;
        for (int size : new int[] {5000, 9000, 16_000}) {
            for (int records = 10; records < 14; records++) {
                for (long free = 0; free <= 72 << 10; free += 4 << 10) {
                    refused += growUntilTheDiskIsFull(records, size, free, 8);
                    refused += growUntilTheDiskIsFull(records, size, free, 4096);
                }
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void crashAroundARefusedAppendShowsWholeBatchesOnly() throws IOException {
        int refused = 0;
        for (int records = 10; records < 14; records++) {
            for (int blocks = 0; blocks < 6; blocks++) {
                refused += crashAroundARefusedAppend(records, blocks * Layout.BLOCK_BYTES);
            }
        }
        assertThat(refused).isGreaterThan(8);
    }

    /** Appends to a log that grows in bulk while few bytes are free. Returns the number of refused appends. */
    private static int crashAroundARefusedAppend(int records, long free) throws IOException {
        CrashDisk disk = new CrashDisk();
        Expected all = new Expected();
        SimulatedLog log = SimulatedLog.open(disk, settings(8));
        for (int i = 0; i < records; i++) {
            all.append(log.log(), 9000);
            log.settle();
        }
        // The frames have the length of a group header, so frames of the next group begin where the refused ones did.
        int[] lengths = new int[300];
        Arrays.fill(lengths, Layout.GROUP_HEADER_BYTES - Layout.FRAME_HEADER_BYTES);
        List<DiskState> states = new ArrayList<>();
        disk.listen((step, moment) -> states.add(disk.state()));
        disk.limitTo(disk.usedBytes() + free);
        int refused = 0;
        try {
            all.append(log.log(), lengths);
        } catch (DiskFullException e) {
            refused++;
            check(List.of(disk.state()), all.records(), all.records());
            check(states, all.records(), all.attempted());
        }
        disk.limitTo(Long.MAX_VALUE);
        states.clear();
        List<LogRecord> before = all.records();
        all.append(log.log(), Arrays.copyOf(lengths, lengths.length - 1));
        disk.listen(null);
        check(states, before, all.records());
        log.close();
        assertThat(SimulatedLog.recordsOn(disk)).isEqualTo(all.records());
        return refused;
    }

    /** Opens the log after crashes in these states. It must hold one of two lists of records. */
    private static void check(List<DiskState> states, List<LogRecord> one, List<LogRecord> other) throws IOException {
        for (DiskState state : states) {
            assertThat(SimulatedLog.recordsOn(state.killed())).isIn(one, other);
            for (PowerCut cut : state.cuts(8, 1)) {
                assertThat(SimulatedLog.recordsOn(state.powerCut(cut))).isIn(one, other);
            }
            for (PowerCut cut : state.tears(8, 1)) {
                assertThat(SimulatedLog.recordsOn(state.powerCut(cut))).isIn(one, other);
            }
        }
    }

    private static LogSettings settings(int alignment) {
        return new LogSettings(64 << 10, 64 << 10, 16 << 10, 1 << 20, true, alignment);
    }

    /** Fills the disk of a log that grows in bulk, and then appends again. Returns the number of refused appends. */
    private static int growUntilTheDiskIsFull(int records, int size, long free, int alignment) throws IOException {
        LogSettings settings = settings(alignment);
        CrashDisk growing = new CrashDisk();
        Expected all = new Expected();
        SimulatedLog log = SimulatedLog.open(growing, settings);
        for (int i = 0; i < records; i++) {
            all.append(log.log(), 9000);
            log.settle();
        }
        growing.limitTo(growing.usedBytes() + free);
        int refused = 0;
        for (int i = 0; i < 8; i++) {
            try {
                all.append(log.log(), size);
            } catch (DiskFullException e) {
                refused++;
                assertThat(SimulatedLog.recordsOn(growing.state().killed())).isEqualTo(all.records());
                for (int seed = 0; seed < 4; seed++) {
                    CrashDisk cut = growing.state().powerCut(PowerCut.random(seed));
                    assertThat(SimulatedLog.recordsOn(cut)).isEqualTo(all.records());
                }
            }
            log.settle();
        }
        if (refused % 2 == 1) {
            log.close(); // its markers need no space
            log = SimulatedLog.open(growing, settings);
        }
        growing.limitTo(Long.MAX_VALUE);
        all.append(log.log(), size);
        all.trim(log.log(), 5);
        all.append(log.log(), 9000);
        all.truncate(log.log(), all.lastId() - 1);
        log.settle();
        assertThat(log.log().stats().state()).isEqualTo(LogStats.State.OPEN);
        log.close();
        assertThat(SimulatedLog.recordsOn(growing)).isEqualTo(all.records());
        return refused;
    }
}
