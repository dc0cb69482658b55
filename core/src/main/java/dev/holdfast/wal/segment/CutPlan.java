package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.util.Optional;

/**
 * How a segment is cut: which of its records are copied into the segment that supersedes the rest, and where what stays
 * of it ends. Found by reading alone.
 *
 * @param cut the segment
 * @param lastToKeep the last record that stays, in the one segment or the other
 * @param baseId of the superseding segment
 * @param predecessor of the superseding segment
 * @param pinned whether its first record must be {@code baseId}
 * @param copy the records it begins with
 */
record CutPlan(
        Segment cut, long lastToKeep, long baseId, Predecessor predecessor, boolean pinned, Optional<RecordCopy> copy) {
    /** More live bytes than this are left where they are; fewer are copied, so that the old file dies. */
    private static final long COPY_LIMIT_BYTES = 64 << 10;

    /**
     * Plans a cut.
     *
     * @param lastToKeep where it is one less than the segment's base id, none of its records stays
     * @param provenId up to here records are known to be synced and may stay where they are
     * @param room for groups in the superseding segment, in bytes
     * @param window to read through, which nobody else uses meanwhile
     */
    static CutPlan of(Segment cut, long lastToKeep, long provenId, long room, ReadBuffer window) throws IOException {
        try {
            return read(cut, lastToKeep, provenId, room, window);
        } finally {
            window.look(null);
        }
    }

    private static CutPlan read(Segment cut, long lastToKeep, long provenId, long room, ReadBuffer window)
            throws IOException {
        SegmentHeader header = cut.header();
        if (lastToKeep < cut.baseId()) {
            return new CutPlan(cut, lastToKeep, cut.baseId(), header.predecessor(), header.pinned(), Optional.empty());
        }
        RecordWalk last = walkTo(cut, lastToKeep, window);
        long liveBytes = last.frameEnd() - Layout.HEADER_BYTES;
        boolean small = liveBytes <= Math.min(COPY_LIMIT_BYTES, room / 2);
        long base = small ? cut.baseId() : Math.max(cut.baseId(), provenId + 1);
        return new CutPlan(
                cut,
                lastToKeep,
                base,
                base == cut.baseId()
                        ? header.predecessor()
                        : endOf(cut, base - 1 == lastToKeep ? last : walkTo(cut, base - 1, window)),
                false,
                base <= lastToKeep
                        ? Optional.of(new RecordCopy(cut, base, lastToKeep, last.frameEnd(), window))
                        : Optional.empty());
    }

    /** Whether nothing of the segment stays in it. */
    boolean replacesIt() {
        return baseId == cut.baseId();
    }

    /** The shortest file that holds the copy. */
    long fileLength() {
        return copy.map(records -> fileLengthFor(records.groupBytes())).orElse((long) Layout.MIN_SEGMENT_BYTES);
    }

    /** The shortest file that holds a copy of so many bytes of groups, and the markers behind it. */
    static long fileLengthFor(long groupBytes) {
        return Layout.fileLengthFor(groupBytes + 2L * Layout.GROUP_HEADER_BYTES);
    }

    private static Predecessor.Cut endOf(Segment cut, RecordWalk last) {
        return new Predecessor.Cut(cut.header().epoch(), last.frameEnd(), last.plainCrc());
    }

    private static RecordWalk walkTo(Segment segment, long id, ReadBuffer window) throws IOException {
        RecordWalk walk = new RecordWalk(window);
        long limit = segment.header().fileLength();
        ReadableFile file = segment.acquire();
        try {
            walk.seek(segment, file, id, id, limit);
            walk.next(limit);
        } finally {
            segment.release();
        }
        return walk;
    }
}
