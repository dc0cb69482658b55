package dev.holdfast.wal.chain;

import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.RecordCopy;
import dev.holdfast.wal.segment.RecordWalk;
import dev.holdfast.wal.segment.Segment;
import java.io.IOException;
import java.util.Optional;

/**
 * Plan of a cut, made without writing: the superseding segment's {@link SegmentHeader header fields} and first records.
 *
 * @param cut the segment that is cut
 * @param lastToKeep the last record that stays, in either segment; one less than the base id if none stays
 * @param copy the first records of the superseding segment
 */
record CutPlan(
        Segment cut, long lastToKeep, long baseId, Predecessor predecessor, boolean pinned, Optional<RecordCopy> copy) {
    /** Maximum number of live bytes to copy, after which the old file is dead; more live bytes stay where they are. */
    private static final long COPY_LIMIT_BYTES = 64 << 10;

    /**
     * Plans a cut. Nothing else may use the buffer meanwhile.
     *
     * @param known the last record that is known to be synced; records up to it may stay where they are
     * @param room room for groups in the superseding segment, in bytes
     */
    static CutPlan of(Segment cut, long lastToKeep, Declaration known, long room, ReadBuffer buffer)
            throws IOException {
        SegmentHeader header = cut.header();
        if (lastToKeep < cut.baseId()) {
            boolean pinned = header.pinned(); // seam: cut-pin
            return new CutPlan(cut, lastToKeep, cut.baseId(), header.predecessor(), pinned, Optional.empty());
        }
        GroupReader last = RecordWalk.to(cut, lastToKeep, buffer);
        long liveBytes = last.frameEnd() - Layout.HEADER_BYTES;
        boolean small = liveBytes <= Math.min(COPY_LIMIT_BYTES, room / 2);
        long base = small ? cut.baseId() : Math.max(cut.baseId(), known.durableId() + 1);
        Predecessor predecessor = header.predecessor();
        if (base != cut.baseId()) {
            GroupReader end = base - 1 == lastToKeep ? last : RecordWalk.to(cut, base - 1, buffer);
            predecessor = new Predecessor.Cut(header.epoch(), end.frameEnd(), end.plainCrc());
        }
        Optional<RecordCopy> copy = base <= lastToKeep
                ? Optional.of(new RecordCopy(cut, base, lastToKeep, last.frameEnd(), buffer))
                : Optional.empty();
        return new CutPlan(cut, lastToKeep, base, predecessor, false, copy);
    }

    /** Returns whether the new segment replaces the old one, because no record stays in the old one. */
    boolean replacesIt() {
        return baseId == cut.baseId();
    }

    long fileLength() {
        return copy.map(records -> fileLengthFor(records.groupBytes())).orElse((long) Layout.MIN_SEGMENT_BYTES);
    }

    /** Returns the minimum length of a file that holds a copy of {@code groupBytes} and two markers. */
    static long fileLengthFor(long groupBytes) {
        return Layout.fileLengthFor(groupBytes + 2L * Layout.GROUP_HEADER_BYTES);
    }
}
