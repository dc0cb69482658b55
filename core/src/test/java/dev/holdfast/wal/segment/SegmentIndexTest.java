package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.Layout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SegmentIndexTest {
    private static final long INTERVAL = Layout.INDEX_INTERVAL_BYTES;

    private static final long[] LENGTHS = {Layout.MIN_SEGMENT_BYTES, 3 * INTERVAL, 1 << 20, (1 << 20) + 4096};

    private final SegmentIndex index = new SegmentIndex();

    private static GroupBuffer group(int records, int dataBytes) {
        GroupBuffer group = new GroupBuffer();
        group.clear(1);
        for (int i = 0; i < records; i++) {
            group.reserve(Frame.bytes(dataBytes));
            group.add(new byte[dataBytes], 0, dataBytes);
        }
        return group;
    }

    @Test
    void emptyIndexHasNoEntry() {
        assertThat(index.floor(0)).isEqualTo(-1);
        assertThat(index.floor(Long.MAX_VALUE)).isEqualTo(-1);
        assertThat(footerNumbers(100)).isEmpty();
    }

    @Test
    void firstRecordAlwaysHasAnEntry() {
        index.add(0, 4096, 4136);
        assertThat(index.floor(0)).isZero();
        assertThat(index.floor(1_000_000)).isZero();
        assertThat(index.groupOffset(0)).isEqualTo(4096);
        assertThat(index.frameOffset(0)).isEqualTo(4136);
    }

    @Test
    void nextEntryFollowsAfterTheInterval() {
        index.add(0, 4096, 4136);
        index.add(1, 4096, 4136 + INTERVAL - 1);
        assertThat(index.floor(1)).isZero();
        index.add(2, 4096, 4136 + INTERVAL);
        assertThat(index.floor(1)).isZero();
        assertThat(index.floor(2)).isEqualTo(1);
        assertThat(index.idDelta(1)).isEqualTo(2);
    }

    @Test
    void floorIsTheLastEntryAtOrBefore() {
        for (int i = 0; i < 100; i++) {
            index.add(i * 10L, 4096 + i * INTERVAL, 4136 + i * INTERVAL);
        }
        for (int id = 0; id < 1100; id++) {
            assertThat(index.floor(id)).isEqualTo(Math.min(99, id / 10));
        }
    }

    @Test
    void recordAddedTwiceHasOneEntry() {
        index.add(0, 4096, 4136);
        index.add(9, 4096 + INTERVAL, 4136 + INTERVAL);
        index.add(0, 4096, 4136);
        index.add(9, 4096 + INTERVAL, 4136 + INTERVAL);
        assertThat(footerNumbers(100)).hasSize(6);
    }

    @Test
    void smallGroupAddsItsFirstRecordOnly() {
        index.add(group(100, 100), 0, 4096, 4096);
        assertThat(footerNumbers(1000)).containsExactly(0, 4096, 4136);
    }

    @Test
    void largeGroupAddsRecordsWithinIt() {
        index.add(group(100, 8184), 50, 8192, 8192);
        // Frames have 8 KiB, so one in eight begins an interval.
        int[] numbers = footerNumbers(1000);
        assertThat(numbers).hasSize(13 * 3);
        for (int i = 0; i < 13; i++) {
            assertThat(index.idDelta(i)).isEqualTo(50 + 8 * i);
            assertThat(index.groupOffset(i)).isEqualTo(8192);
            assertThat(index.frameOffset(i)).isEqualTo(8192 + 40 + 8 * i * 8192L);
        }
    }

    @Test
    void numbersForAFooterExcludeCutRecords() {
        for (int i = 0; i < 10; i++) {
            index.add(i * 10L, 4096 + i * INTERVAL, 4136 + i * INTERVAL);
        }
        assertThat(footerNumbers(0)).isEmpty();
        assertThat(footerNumbers(1)).hasSize(3);
        assertThat(footerNumbers(10)).hasSize(3);
        assertThat(footerNumbers(11)).hasSize(6);
        assertThat(footerNumbers(1000)).hasSize(30);
    }

    @Test
    void numbersAreUnsigned() {
        SegmentIndex read = new SegmentIndex(new int[] {0, 4096, 4136, -2, -1000, -960});
        assertThat(read.idDelta(1)).isEqualTo(0xfffffffeL);
        assertThat(read.groupOffset(1)).isEqualTo((1L << 32) - 1000);
        assertThat(read.floor(0xfffffffdL)).isZero();
        assertThat(read.floor(0xfffffffeL)).isEqualTo(1);
    }

    @Test
    void indexOfAFooterIsReadBack() {
        for (int i = 0; i < 10; i++) {
            index.add(i * 10L, 4096 + i * INTERVAL, 4136 + i * INTERVAL);
        }
        SegmentIndex read = new SegmentIndex(footerNumbers(1000));
        assertThat(read.floor(55)).isEqualTo(5);
        assertThat(read.frameOffset(5)).isEqualTo(4136 + 5 * INTERVAL);
    }

    @Test
    void longGroupAddsOnlyItsOwnRecords() {
        index.add(group(1, 70_000), 0, 4096, 4096);
        assertThat(index.entries()).isOne();
        index.add(group(2, 70_000), 1, 4096 + 70_048, 4096 + 70_048);
        assertThat(index.entries()).isEqualTo(3);
        assertThat(index.idDelta(1)).isEqualTo(1);
        assertThat(index.idDelta(2)).isEqualTo(2);
    }

    @Test
    void indexOfANewSegmentHasRoomForAllItsEntries() {
        for (long fileLength : LENGTHS) {
            SegmentIndex empty = new SegmentIndex();
            empty.reserve(fileLength);
            assertHasRoomFrom(Layout.HEADER_BYTES, fileLength, empty);
        }
    }

    @Test
    void indexOfAReopenedSegmentHasRoomForAllItsEntries() {
        for (long fileLength : LENGTHS) {
            SegmentIndex scanned = new SegmentIndex();
            scanned.add(7, 4096, 4136);
            scanned.reserve(fileLength);
            assertThat(scanned.entries()).isOne();
            assertThat(scanned.frameOffset(0)).isEqualTo(4136);
            assertHasRoomFrom(4136 + INTERVAL, fileLength, scanned);
        }
    }

    private static void assertHasRoomFrom(long first, long fileLength, SegmentIndex index) {
        int[] before = index.numbers();
        for (long offset = first; offset < fileLength; offset += INTERVAL) {
            index.add(offset, offset, offset);
        }
        assertThat(index.numbers()).as("of " + fileLength).isSameAs(before);
    }

    private int[] footerNumbers(long belowIdDelta) {
        return Arrays.copyOf(index.numbers(), 3 * (index.floor(belowIdDelta - 1) + 1));
    }
}
