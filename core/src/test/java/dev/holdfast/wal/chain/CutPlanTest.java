package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.RecordCopy;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.segment.TestSegment;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class CutPlanTest {
    private static TestSegment written() throws IOException {
        return new TestSegment(8192).write("first").write("second,third").write("fourth");
    }

    private static Declaration known(long durableId) {
        return new Declaration(durableId, -1);
    }

    /** Returns the number of live bytes up to the end of a record. */
    private static long liveBytes(TestSegment segment, int record) {
        return segment.records().get(record).end() - Layout.HEADER_BYTES;
    }

    @Test
    void copyIsMadeIfItFillsAtMostHalfTheRoom() throws IOException {
        TestSegment segment = written();
        long live = liveBytes(segment, 1);
        CutPlan half = CutPlan.of(segment.segment, 101, known(101), 2 * live, new ReadBuffer());
        assertThat(half.replacesIt()).isTrue();
        assertThat(half.copy().orElseThrow().chunk().count()).isEqualTo(2);
        assertThat(half.predecessor()).isEqualTo(new Predecessor.None());
        CutPlan more = CutPlan.of(segment.segment, 101, known(101), 2 * live - 1, new ReadBuffer());
        assertThat(more.replacesIt()).isFalse();
        assertThat(more.copy()).isEmpty();
        assertThat(more.baseId()).isEqualTo(102);
        assertThat(more.predecessor())
                .isInstanceOfSatisfying(
                        Predecessor.Cut.class,
                        cut -> assertThat(cut.endOffset())
                                .isEqualTo(segment.records().get(1).end()));
    }

    @Test
    void copyIsMadeOfAtMost64Kibibytes() throws IOException {
        int data = (64 << 10) - Layout.GROUP_HEADER_BYTES - Layout.FRAME_HEADER_BYTES;
        TestSegment exact = new TestSegment(1 << 20).write("x".repeat(data));
        assertThat(CutPlan.of(exact.segment, 100, known(100), 1 << 20, new ReadBuffer())
                        .replacesIt())
                .isTrue();
        TestSegment more = new TestSegment(1 << 20).write("x".repeat(data + 1));
        assertThat(CutPlan.of(more.segment, 100, known(100), 1 << 20, new ReadBuffer())
                        .replacesIt())
                .isFalse();
    }

    @Test
    void onlyUnprovenRecordsAreCopiedFromALargeSegment() throws IOException {
        TestSegment segment = written();
        CutPlan plan = CutPlan.of(segment.segment, 103, known(100), 0, new ReadBuffer());
        assertThat(plan.baseId()).isEqualTo(101);
        assertThat(plan.copy().orElseThrow().chunk().firstId()).isEqualTo(101);
        assertThat(plan.copy().orElseThrow().chunk().lastId()).isEqualTo(103);
        assertThat(plan.fileLength())
                .isEqualTo(
                        CutPlan.fileLengthFor(plan.copy().orElseThrow().chunk().alignedLength()));
        assertThat(plan.pinned()).isFalse();
    }

    @Test
    void fileHasRoomForTheCopyAndTwoMarkers() {
        for (long bytes = 20_000; bytes < 29_000; bytes += 8) {
            assertThat(CutPlan.fileLengthFor(bytes))
                    .isEqualTo(Layout.fileLengthFor(bytes + 2 * Layout.GROUP_HEADER_BYTES))
                    .matches(
                            length -> Layout.recordsEnd(length) >= Layout.HEADER_BYTES + 2 * Layout.GROUP_HEADER_BYTES);
        }
    }

    @Test
    void keptPartOfABatchBecomesABatch() throws IOException {
        CutPlan plan = CutPlan.of(written().segment, 101, known(99), 1 << 20, new ReadBuffer());
        TestSegment copy = new TestSegment(8192);
        copy.writer.write(plan.copy().orElseThrow());
        assertThat(copy.scan().lastId()).isEqualTo(101);
    }

    @Test
    void longRecordsAreCopied() throws IOException {
        TestSegment segment =
                new TestSegment(1 << 20).write("a".repeat(10_000)).write("b".repeat(200_000), "c".repeat(100_000), "d");
        CutPlan plan = CutPlan.of(segment.segment, 103, known(99), 0, new ReadBuffer());
        RecordCopy copy = plan.copy().orElseThrow();
        assertThat(copy.isAllRead()).as("in one chunk").isFalse();
        assertThat(copy.groupBytes())
                .isGreaterThanOrEqualTo(
                        Layout.aligned(Layout.GROUP_HEADER_BYTES + 4 * Layout.FRAME_HEADER_BYTES + 310_001));
        TestSegment target = new TestSegment(1 << 20);
        target.writer.write(copy);
        TailScan scan = target.scan();
        assertThat(scan.lastId()).isEqualTo(103);
        assertThat(scan.recordGroups()).isOne();
        assertThat(scan.position())
                .isEqualTo(Layout.aligned(
                        Layout.HEADER_BYTES + Layout.GROUP_HEADER_BYTES + 4 * Layout.FRAME_HEADER_BYTES + 310_001));
        assertThat(target.segment.index().entries()).isEqualTo(3);
    }

    @Test
    void successorReplacesASegmentThatKeepsNoRecord() throws IOException {
        CutPlan plan = CutPlan.of(written().segment, 99, known(99), 1 << 20, new ReadBuffer());
        assertThat(plan.replacesIt()).isTrue();
        assertThat(plan.copy()).isEmpty();
        assertThat(plan.fileLength()).isEqualTo(Layout.MIN_SEGMENT_BYTES);
    }

    @Test
    void damageIsReportedAndTheFileReleased() throws IOException {
        for (int record = 0; record < 2; record++) {
            TestSegment segment = written();
            segment.bytes()[(int) segment.records().get(record).offset() + 9] ^= 1;
            int open = segment.storage.openFiles();
            assertThatThrownBy(() -> CutPlan.of(segment.segment, 101, known(99), 1 << 20, new ReadBuffer()))
                    .isInstanceOf(CorruptLogException.class);
            assertThat(segment.storage.openFiles()).isEqualTo(open);
        }
    }
}
