package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Checks when a log is assumed to grow in bulk. */
class GrowthRateTest {
    private static final long MIB = 1 << 20;
    private static final long FREE = 1 << 30;
    private static final long MILLISECOND = 1_000_000;

    private final GrowthRate growth = new GrowthRate();

    /**
     * Returns whether a log is in bulk that took a file of one MiB in 5 ms, with this number of bytes in large groups.
     */
    private boolean isBulkAfter(long largeBytes) {
        growth.start(0);
        growth.wrote(largeBytes);
        growth.rolls(MIB, FREE, 5 * MILLISECOND);
        return growth.isBulk();
    }

    @Test
    void onlyLargeGroupsCount() {
        assertThat(isBulkAfter(MIB)).as("210 MB/s").isTrue();
        assertThat(isBulkAfter(MIB / 4)).as("52 MB/s in large groups").isFalse();
        assertThat(isBulkAfter(0)).as("only small groups").isFalse();
    }

    @Test
    void eachSegmentIsMeasuredAlone() {
        growth.start(0);
        growth.wrote(MIB);
        growth.rolls(MIB, FREE, 5 * MILLISECOND);
        growth.start(5 * MILLISECOND);
        growth.rolls(MIB, FREE, 10 * MILLISECOND);
        assertThat(growth.isBulk()).isFalse();
    }

    @Test
    void waitForAFileDoesNotCount() {
        growth.start(0);
        growth.rolls(MIB, FREE, 5 * MILLISECOND);
        growth.start(100 * MILLISECOND);
        growth.wrote(MIB);
        growth.rolls(MIB, FREE, 105 * MILLISECOND);
        assertThat(growth.isBulk()).isTrue();
    }
}
