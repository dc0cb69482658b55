package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.testkit.disk.DiskStep;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.commit.LogSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/**
 * Trims a log as fast as it grows. The removed segments become its spares, so no further spare is filled with zeros.
 */
class SparesOfATrimmedLogTest {
    // Groups are padded to blocks, so all segments hold equally many records. The clock hardly advances, so the
    // log pads them in recycled segments anyway.
    private static final LogSettings SETTINGS = new LogSettings(256 << 10, 256 << 10, 16 << 10, 1 << 20, true, 4096);
    private static final int RECORD_BYTES = 1000;

    /** Each trim happens this many records later in the tail than the trim before. */
    private static final int DRIFT = 2;

    private int sparesMade;

    @Test
    void trimsLaterInTheTailCreateNoSpares() throws IOException {
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

    /** Fills the first segment. Returns the number of records that fit into it. */
    private static int recordsOfASegment(SimulatedLog simulated) throws IOException {
        int records = 0;
        while (simulated.log().stats().segments() == 1) {
            append(simulated, 1);
            records++;
        }
        return records - 1;
    }
}
