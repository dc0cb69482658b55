package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.Log;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * A recycled file still contains the groups and the footer of its earlier segment. They must not become part of the new
 * segment.
 */
class RecycledFilesTest {
    /** Enough segments that each spare is recycled. */
    private static final int SEGMENTS = 8;

    @Test
    void bytesOfAnEarlierSegmentAreNotPartOfALaterSegment() throws IOException {
        CrashDisk disk = new CrashDisk();
        Expected expected = new Expected();
        try (SimulatedLog writer = SimulatedLog.open(disk)) {
            for (int i = 0; i < SEGMENTS; i++) {
                expected.append(writer.log(), 30);
                // The second group of the earlier segment follows directly, and its third group declares the second
                // group durable.
                try (Log reader = SimulatedLog.openReadOnly(disk)) {
                    assertThat(AllRecords.of(reader)).hasSizeLessThanOrEqualTo(1);
                }
                expected.append(writer.log(), 30);
                expected.append(writer.log(), 30);
                expected.reset(writer.log(), 1);
            }
            expected.append(writer.log(), 30);
            writer.environment().idle();
            try (Log reader = SimulatedLog.openReadOnly(disk)) {
                assertThat(AllRecords.of(reader)).isEqualTo(expected.records());
            }
        }
        assertThat(SimulatedLog.recordsOn(disk)).isEqualTo(expected.records());
    }
}
