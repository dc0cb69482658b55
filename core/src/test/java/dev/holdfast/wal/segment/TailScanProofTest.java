package dev.holdfast.wal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What a {@link TailScan} knows of the groups that it has read: the close, the trim point, and what is proven. */
class TailScanProofTest {
    private static final int LENGTH = Layout.MIN_SEGMENT_BYTES;
    private final Checksum checksum = new Checksum();

    /** Swaps the sector with all groups and the sector that proves them. */
    @Test
    void markerOfTheSlotCountsAtAnyOffset() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").write("b");
        test.writer.markTwice(GroupKind.IDLE);
        byte[] before = test.bytes().clone();
        int slotSector = (int) Layout.slotOffset(LENGTH) / 512 * 512;
        System.arraycopy(before, 4096, test.bytes(), slotSector, 512);
        System.arraycopy(before, slotSector, test.bytes(), 4096, 512);
        TailScan scan = test.scan();
        assertThat(scan.lastId()).isEqualTo(TestSegment.BASE_ID - 1);
        assertThat(scan.behind().durableId()).isEqualTo(101);
    }

    @Test
    void logIsClosedIfBothMarkersAgree() throws IOException {
        assertThat(TailScanTest.written().close().scan().isClosed()).isTrue();
        assertThat(new TestSegment(LENGTH).close().scan().isClosed()).isTrue();
        assertThat(TailScanTest.written().mark(GroupKind.CLOSE).scan().isClosed())
                .isFalse();
        assertThat(TailScanTest.written().markSlot(GroupKind.CLOSE).scan().isClosed())
                .isFalse();
        assertThat(TailScanTest.written()
                        .close()
                        .markSlot(GroupKind.REOPEN)
                        .scan()
                        .isClosed())
                .isFalse();
        assertThat(TailScanTest.written().close().write("more").scan().isClosed())
                .isFalse();
        assertThat(TailScanTest.written().close().mark(GroupKind.IDLE).scan().isClosed())
                .isFalse();
    }

    @Test
    void markersOfAnEarlierCloseDoNotCloseTheLog() throws IOException {
        TestSegment test = TailScanTest.written().close().write("more").mark(GroupKind.CLOSE);
        assertThat(test.scan().isClosed()).isFalse();
        test.markSlot(GroupKind.CLOSE);
        assertThat(test.scan().isClosed()).isTrue();
    }

    @Test
    void secondMarkerOfACloseProvesEarlierRecords() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").close();
        Arrays.fill(test.bytes(), 4096, (int) Layout.groupsEnd(LENGTH), (byte) 0);
        assertThat(test.scan().behind()).isEqualTo(new TailScan.Behind(100, 99, Layout.slotOffset(LENGTH), 0));
    }

    @Test
    void trimPointIsTheLargestOfHeaderAndGroups() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a", "b", "c");
        assertThat(test.scan().trimPoint()).isEqualTo(99);
        test.trim(101);
        assertThat(test.scan().trimPoint()).isEqualTo(101);
        test.write("d");
        assertThat(test.scan().trimPoint()).isEqualTo(101);
    }

    @Test
    void unprovenTrimPointIsWrittenAgain() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a", "b", "c").trim(101);
        TailScan scan = test.scan();
        assertThat(scan.durableId()).isEqualTo(102).isEqualTo(scan.lastId());
        assertThat(scan.unprovenOffset()).isEqualTo(test.groups.get(1).offset());
        assertThat(scan.tornOffset()).isEqualTo(test.writer.position());
    }

    @Test
    void unprovenRecordsBeginWithTheirGroup() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").write("b");
        assertThat(test.scan().unprovenOffset()).isEqualTo(4096);
        test.mark(GroupKind.IDLE);
        assertThat(test.scan().unprovenOffset()).isEqualTo(test.writer.position());
    }

    @Test
    void tornBytesBeginAfterTheLastCompleteBatchAndGroup() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").mark(GroupKind.IDLE);
        assertThat(test.scan().behind().tornBytes()).isZero();
        int end = (int) test.writer.position();
        test.bytes()[end + 100] = 1;
        assertThat(test.scan().behind().tornBytes()).isEqualTo(104);
        test.bytes()[end + 100] = 0;
        test.bytes()[(int) Layout.slotOffset(LENGTH) + 3] = 1;
        assertThat(test.scan().behind().tornBytes()).isZero();
    }

    @Test
    void searchAfterTheGroupsReadsTheFileAgain() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a").mark(GroupKind.CLOSE);
        TailScan scan = wideScan(test);
        assertThat(scan.isClosed()).isFalse();
        assertThat(scan.behind().durableId()).isEqualTo(-1);
        test.markSlot(GroupKind.CLOSE);
        assertThat(scan.isClosed()).isTrue();
        test.markSlot(GroupKind.IDLE);
        assertThat(scan.isClosed()).isFalse();
        scan.proceed();
        test.bytes()[(int) test.writer.position()] = 1;
        assertThat(scan.behind().tornBytes()).isEqualTo(8);
    }

    @Test
    void invalidGroupCountsForTheDurableIdThatItProves() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        long at = test.writer.position();
        putMarker(test, at, 105, 104);
        TailScan scan = test.scan();
        assertThat(scan.broken().why()).isEqualTo("a group begins with record 105, expected 101");
        assertThat(scan.behind()).isEqualTo(new TailScan.Behind(104, 99, at, 40));
    }

    @Test
    void firstGroupWithTheHighestDurableIdIsReported() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a");
        long at = test.writer.position() + 80;
        putMarker(test, at, 105, 104);
        putMarker(test, at + 80, 105, 104);
        putMarker(test, at + 160, 105, 103);
        assertThat(test.scan().behind().at()).isEqualTo(at);
    }

    private static void putMarker(TestSegment test, long at, long firstId, long durableId) throws IOException {
        ByteBuffer marker = ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        GroupHeader.encode(
                marker,
                0,
                GroupKind.IDLE,
                0,
                0,
                firstId,
                new Declaration(durableId, 99),
                new Checksum(),
                TestSegment.SALT,
                at);
        test.buffer().put((int) at, marker.array());
    }

    @Test
    void tornBytesMayBeginAndEndWithinAWord() throws IOException {
        TestSegment test = new TestSegment(LENGTH).write("a", "b");
        int end = (int) test.records().get(0).end();
        assertThat(end % Layout.ALIGNMENT).isOne();
        Arrays.fill(test.bytes(), end, LENGTH, (byte) 0);
        TailScan scan = wideScan(test);
        assertThat(scan.tornOffset()).isEqualTo(end);
        assertThat(scan.behind().tornBytes()).isZero();
        test.bytes()[end] = 1;
        assertThat(scan.behind().tornBytes()).isEqualTo(1);
        test.bytes()[end + 2] = 1;
        assertThat(scan.behind().tornBytes()).isEqualTo(3);
        test.bytes()[end + 6] = 1;
        assertThat(scan.behind().tornBytes()).isEqualTo(7);
        test.bytes()[end + 8] = 1;
        assertThat(scan.behind().tornBytes()).isEqualTo(15);
    }

    @Test
    void unprovenRecordsAfterAMarkerBeginWithTheirGroup() throws IOException {
        TestSegment test = new TestSegment(LENGTH).mark(GroupKind.IDLE).write("a");
        assertThat(test.scan().unprovenOffset()).isEqualTo(4136);
    }

    @Test
    void unprovenRecordsAreFoundThroughTheIndex() throws IOException {
        String large = "x".repeat(40_000);
        TestSegment test = new TestSegment(512 << 10)
                .write(large)
                .write(large)
                .write(large)
                .write(large);
        assertThat(test.scan().unprovenOffset()).isEqualTo(test.groups.get(2).offset());
        test = new TestSegment(512 << 10).write(large, large, large, large, large);
        assertThat(test.scan().unprovenOffset()).isEqualTo(4096);
        GroupHeader.encode(
                test.buffer(),
                4096,
                GroupKind.RECORDS,
                5 * Frame.bytes(40_000),
                5,
                100,
                new Declaration(99, 99),
                new Checksum(),
                TestSegment.SALT,
                4096);
        assertThat(test.scan().lastId()).isEqualTo(104);
    }

    @Test
    void unprovenRecordsOfSeveralGroupsBeginWithTheFirstGroup() throws IOException {
        TestSegment test = new TestSegment(1 << 20).write("x".repeat(70_000));
        long second = test.writer.position();
        for (int i = 0; i < 4; i++) {
            GroupBuffer group = new GroupBuffer();
            group.clear(test.writer.nextId());
            group.reserve(Frame.bytes(70_000));
            group.add(new byte[70_000], 0, 70_000);
            test.writer.write(group, 8, SegmentWriter.Sync.LATER);
        }
        TailScan scan = test.scan();
        assertThat(scan.durableId()).isEqualTo(100);
        assertThat(scan.lastId()).isEqualTo(104);
        assertThat(scan.unprovenOffset()).isEqualTo(second);
    }

    @Test
    void groupsOfRecordsAreCountedSeparately() throws IOException {
        TestSegment test = new TestSegment(LENGTH)
                .mark(GroupKind.IDLE)
                .write("a", "b")
                .write("c")
                .mark(GroupKind.IDLE);
        TailScan scan = test.scan();
        assertThat(scan.recordGroups()).isEqualTo(2);
        assertThat(scan.groupsSeen()).isEqualTo(4);
    }

    /** Returns a scan that reads the whole file at once. */
    private static TailScan wideScan(TestSegment test) throws IOException {
        TailScan scan = new TailScan(
                new Segment(test.storage, test.segment.header(), new SegmentIndex()),
                test.storage.openForReading(test.segment.fileName()),
                new ReadBuffer());
        scan.proceed();
        return scan;
    }
}
