package dev.holdfast.wal.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogRecord;
import org.junit.jupiter.api.Test;

class LayoutTest {
    private static final long BLOCK = 4096;
    private static final long SECTOR = 512;
    private static final long ONE_MIB = 1 << 20;

    @Test
    void offsetsAreRoundedUpToMultiplesOfEight() {
        assertThat(Layout.aligned(0)).isZero();
        assertThat(Layout.aligned(1)).isEqualTo(8);
        assertThat(Layout.aligned(8)).isEqualTo(8);
        assertThat(Layout.aligned(4L << 30)).isEqualTo(4L << 30);
        assertThat(Layout.aligned((4L << 30) - 7)).isEqualTo(4L << 30);
    }

    @Test
    void largestRecordIsThatOfTheApi() {
        assertThat(Layout.MAX_RECORD_BYTES).isEqualTo(LogRecord.MAX_DATA_BYTES);
    }

    @Test
    void regionsFollowEachOtherAndNeverOverlap() {
        for (long length = Layout.MIN_SEGMENT_BYTES; length <= ONE_MIB; length += BLOCK) {
            assertRegions(length);
        }
        assertRegions(64 << 20);
        assertRegions(1 << 30);
        assertRegions(4L << 30);
    }

    @Test
    void regionsFollowEachOtherInFilesOfAnyLength() {
        for (long length = Layout.MIN_SEGMENT_BYTES; length <= 4 * Layout.MIN_SEGMENT_BYTES; length++) {
            assertRegions(length);
        }
    }

    private static void assertRegions(long length) {
        long records = Layout.recordsEnd(length);
        long groups = Layout.groupsEnd(length);
        long slot = Layout.slotOffset(length);
        long footer = Layout.footerOffset(length);
        assertThat(records).as("length %d", length).isGreaterThan(Layout.HEADER_BYTES);
        assertThat(groups - records).isEqualTo(Layout.GROUP_HEADER_BYTES);
        assertThat(slot - groups).isBetween(2 * SECTOR, 16 * SECTOR);
        assertThat(footer - slot).isEqualTo(Layout.GROUP_HEADER_BYTES);
        assertThat(footer).isLessThan(length);
        assertThat(records % 8 + groups % 8 + slot % 8 + footer % 8).isZero();
    }

    @Test
    void slotAndGroupsAreInSectorsThatAreNotNeighbours() {
        for (long length = Layout.MIN_SEGMENT_BYTES; length <= ONE_MIB; length += BLOCK) {
            assertThat(sectorsApart(length, SECTOR)).as("length %d", length).isGreaterThanOrEqualTo(2);
            int apart = length < 16 << 10 ? 0 : length < 64 << 10 ? 1 : 2;
            assertThat(sectorsApart(length, BLOCK)).as("length %d", length).isGreaterThanOrEqualTo(apart);
        }
    }

    private static long sectorsApart(long length, long sector) {
        return Layout.slotOffset(length) / sector - (Layout.groupsEnd(length) - 1) / sector;
    }

    @Test
    void footerHasRoomForTheDensestIndex() {
        for (long length = Layout.MIN_SEGMENT_BYTES; length <= 4 * ONE_MIB; length += BLOCK) {
            // The first record has an entry. The record of each further entry begins 64 KiB after the previous one's.
            long lastFrame = Layout.recordsEnd(length) - Layout.FRAME_HEADER_BYTES;
            long firstFrame = Layout.HEADER_BYTES + Layout.GROUP_HEADER_BYTES;
            long entries = 1 + (lastFrame - firstFrame) / Layout.INDEX_INTERVAL_BYTES;
            long footerBytes =
                    Layout.GROUP_HEADER_BYTES + Layout.FOOTER_FIXED_BYTES + entries * Layout.INDEX_ENTRY_BYTES;
            assertThat(Layout.footerOffset(length) + footerBytes)
                    .as("length %d", length)
                    .isLessThanOrEqualTo(length);
        }
    }

    @Test
    void longerFileHoldsMore() {
        long before = 0;
        for (long length = Layout.MIN_SEGMENT_BYTES; length <= ONE_MIB; length += BLOCK) {
            long capacity = Layout.recordsEnd(length) - Layout.HEADER_BYTES;
            assertThat(capacity).as("length %d", length).isGreaterThan(before);
            before = capacity;
        }
    }

    @Test
    void fileForABatchIsTheShortestThatHoldsIt() {
        long length = Layout.MIN_SEGMENT_BYTES;
        for (long bytes = 0; bytes <= ONE_MIB; bytes += 8) {
            while (Layout.recordsEnd(length) - Layout.HEADER_BYTES < bytes) {
                length += BLOCK;
            }
            assertThat(Layout.fileLengthFor(bytes)).as("%d bytes", bytes).isEqualTo(length);
        }
    }

    @Test
    void fileForTheLargestBatchHoldsIt() {
        long bytes = Layout.GROUP_HEADER_BYTES + (1L << 30) + Layout.ALIGNMENT;
        long length = Layout.fileLengthFor(bytes);
        assertThat(Layout.recordsEnd(length) - Layout.HEADER_BYTES).isGreaterThanOrEqualTo(bytes);
        assertThat(Layout.recordsEnd(length - BLOCK) - Layout.HEADER_BYTES).isLessThan(bytes);
    }
}
