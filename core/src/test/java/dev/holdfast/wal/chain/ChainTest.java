package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.segment.TailScan;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ChainTest {
    private static final int SMALL = Layout.MIN_SEGMENT_BYTES;

    private final HeapStorage storage = new HeapStorage();
    private final SpareMaker spares = new SpareMaker(storage, SMALL);

    private Chain chain(long nextEpoch) {
        return chain(1 << 20, List.of(), nextEpoch);
    }

    private Chain chain(int recordLimit, List<Segment> live, long nextEpoch) {
        return new Chain(storage, spares, new UUID(1, 2), () -> 4711, recordLimit, live, nextEpoch);
    }

    private void makeSpares(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            spares.make(SMALL);
        }
    }

    private static void write(SegmentWriter writer, int... sizes) throws IOException {
        for (int size : sizes) {
            GroupBuffer group = new GroupBuffer();
            group.clear(writer.nextId());
            group.reserve(size + Layout.FRAME_HEADER_BYTES);
            group.add(new byte[size], 0, size);
            writer.write(group, Layout.ALIGNMENT, SegmentWriter.Sync.NOW);
        }
    }

    private boolean isClosed(Segment segment) throws IOException {
        TailScan scan = new TailScan(
                new Segment(storage, segment.header(), new SegmentIndex()),
                storage.openForReading(segment.fileName()),
                new ReadBuffer());
        scan.proceed();
        return scan.isClosed();
    }

    @Test
    void originInTheLastSpareIsMarkedClosed() throws IOException {
        makeSpares(2);
        Chain chain = chain(1);
        SegmentWriter first = chain.origin(5);
        assertThat(isClosed(first.segment())).isFalse();
        assertThat(first.isClosedOnDisk()).isFalse();
        SegmentWriter last = chain.pinnedOrigin(9);
        assertThat(isClosed(last.segment())).isTrue();
        assertThat(last.isClosedOnDisk()).isTrue();
        assertThat(last.nextId()).isEqualTo(9);
    }

    @Test
    void rollIntoTheLastSpareIsMarkedClosed() throws IOException {
        makeSpares(2);
        Chain chain = chain(1);
        SegmentWriter full = chain.origin(1);
        write(full, 100, 100);
        SegmentWriter last = chain.rollIntoReserved(full, 1);
        assertThat(isClosed(last.segment())).isTrue();
        assertThat(last.segment().header().trimPoint()).isEqualTo(1);
        assertThat(last.segment().header().predecessor()).isEqualTo(new Predecessor.Sealed(1, full.position()));
    }

    @Test
    void cutIntoTheLastSpareIsMarkedClosed() throws IOException {
        makeSpares(2);
        Chain chain = chain(1);
        SegmentWriter tail = chain.origin(1);
        write(tail, 2000, 100);
        SegmentWriter last = chain.cut(1, tail);
        assertThat(isClosed(last.segment())).isTrue();
        assertThat(chain.live()).hasSize(2);
    }

    @Test
    void onlyTheReplacementOfAnEmptySegmentStaysPinned() throws IOException {
        makeSpares(5);
        Chain chain = chain(1);
        SegmentWriter pinned = chain.pinnedOrigin(5);
        SegmentWriter replaced = chain.roll(pinned, SMALL);
        assertThat(replaced.segment().header().pinned()).isTrue();
        assertThat(chain.live()).containsExactly(replaced.segment());
        write(replaced, 100);
        assertThat(chain.roll(replaced, SMALL).segment().header().pinned()).isFalse();
        assertThat(chain.live()).hasSize(2);
    }

    @Test
    void writersOfSealedSegmentsCloseTheirFiles() throws IOException {
        makeSpares(7);
        Chain chain = chain(1);
        SegmentWriter writer = chain.origin(1);
        assertThat(storage.openFiles()).isOne();
        writer = chain.roll(writer, SMALL);
        assertThat(storage.openFiles()).isOne();
        write(writer, 100, 100);
        writer = chain.roll(writer, SMALL);
        assertThat(storage.openFiles()).isOne();
        write(writer, 100, 100);
        writer = chain.cut(3, writer);
        assertThat(storage.openFiles()).isOne();
    }

    @Test
    void spareOfASegmentThatCouldNotBePublishedIsReturned() throws IOException {
        makeSpares(3);
        storage.put("00000001-0000000000000001.seg", new byte[1]);
        assertThatThrownBy(() -> chain(1).origin(1)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void everySyncIsCounted() throws IOException {
        makeSpares(7);
        Chain chain = chain(1);
        SegmentWriter writer = chain.origin(1);
        assertThat(chain.syncs()).isEqualTo(2);
        write(writer, 2000, 100);
        writer = chain.roll(writer, SMALL);
        assertThat(chain.syncs()).isEqualTo(5);
        write(writer, 2000, 100);
        writer = chain.cut(3, writer);
        assertThat(chain.syncs()).isEqualTo(8);
    }

    @Test
    void trimmedSegmentsAreNoLongerLive() throws IOException {
        makeSpares(5);
        Chain chain = chain(1);
        SegmentWriter first = chain.origin(1);
        write(first, 100, 100);
        SegmentWriter second = chain.roll(first, SMALL);
        chain.dropTrimmed(1);
        assertThat(chain.live()).containsExactly(first.segment(), second.segment());
        chain.dropTrimmed(2);
        assertThat(chain.live()).containsExactly(second.segment());
        chain.dropTrimmed(Long.MAX_VALUE);
        assertThat(chain.live()).containsExactly(second.segment());
    }

    @Test
    void largestEpochIsUsedAndRefusesASuccessor() throws IOException {
        makeSpares(4);
        Chain chain = chain(SegmentHeader.MAX_EPOCH);
        SegmentWriter last = chain.origin(1);
        assertThat(last.segment().header().epoch()).isEqualTo(SegmentHeader.MAX_EPOCH);
        assertThatThrownBy(() -> chain.origin(1)).isInstanceOf(CorruptLogException.class);
    }

    /**
     * A copied record may be larger than the limit of new records. In a segment with the lower limit it would be
     * damage.
     */
    @Test
    void copyKeepsTheRecordLimitOfTheSegmentThatItReplaces() throws IOException {
        makeSpares(6);
        SegmentWriter tail = chain(1).origin(1);
        write(tail, 1000, 10);
        Chain later = chain(500, List.of(tail.segment()), 2);
        SegmentWriter copy = later.cut(1, tail);
        assertThat(copy.segment().header().recordLimit()).isEqualTo(1 << 20);
        assertThat(copy.nextId()).isEqualTo(2);
        SegmentWriter empty = later.cut(0, copy);
        assertThat(empty.segment().header().recordLimit()).isEqualTo(500);
    }
}
