package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.engine.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/**
 * A log that is trimmed as fast as it grows: the segments that die are its spares, and no other is filled with zeros.
 */
class SparesOfATrimmedLogTest {
    private static final LogSettings SETTINGS = new LogSettings(64 << 10, 64 << 10, 16 << 10, 1 << 20, true, 8);
    private static final int RECORD_BYTES = 1000;

    /** A trim comes a little later in the tail each time, by this many records. */
    private static final int DRIFT = 2;

    private int sparesMade;

    @Test
    void trimsThatComeLaterAndLaterInTheTailCostNoFurtherSpare() throws IOException {
        CrashDisk disk = new CrashDisk();
        disk.listen((step, moment) -> {
            if (step.kind() == DiskStep.Kind.CREATE && moment == DiskStep.Moment.AFTER) sparesMade++;
        });
        try (SimulatedLog simulated = SimulatedLog.open(disk, SETTINGS)) {
            Log log = simulated.log();
            int period = recordsOfASegment(simulated) + DRIFT;
            for (int trims = 1; trims <= 3; trims++) {
                appendAndTrim(simulated, period);
            }
            int madeBefore = sparesMade;
            for (int drift = 0; drift < period - 6 * DRIFT; drift += DRIFT) {
                appendAndTrim(simulated, period);
            }
            assertThat(sparesMade).isEqualTo(madeBefore);
            assertThat(log.stats().spareWaits()).isZero();
        }
    }

    private static void appendAndTrim(SimulatedLog simulated, int period) throws IOException {
        append(simulated, period);
        simulated.log().trim(simulated.log().lastId().orElseThrow() - period);
        simulated.settle();
    }

    private static void append(SimulatedLog simulated, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            simulated.log().append(ByteBuffer.allocate(RECORD_BYTES));
            simulated.settle();
        }
    }

    /** Fills the first segment; how many records it took. */
    private static int recordsOfASegment(SimulatedLog simulated) throws IOException {
        int records = 0;
        while (simulated.log().stats().segments() == 1) {
            append(simulated, 1);
            records++;
        }
        return records - 1;
    }
}
