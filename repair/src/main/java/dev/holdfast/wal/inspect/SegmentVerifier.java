package dev.holdfast.wal.inspect;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.segment.FrameCheck;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.Remedy;
import dev.holdfast.wal.segment.Segment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongConsumer;

/**
 * Reads every group and frame of a segment that must hold records up to a known id, and reports all damage. After a
 * broken group header, the verifier searches for the next valid group header. After a broken frame whose length may be
 * wrong, it continues with the next group. It never repairs damage. Not thread-safe.
 */
public final class SegmentVerifier {
    private final Segment segment;
    private final ReadBuffer window = new ReadBuffer();
    private final Checksum checksum = new Checksum();
    private final GroupHeader group = new GroupHeader();
    private final FrameCheck frames;
    private final List<CorruptLogException> damages = new ArrayList<>();
    private final long endOffset;
    private final long nextId;
    private final LongConsumer bytesRead;
    private final boolean endIsKnown;
    private long toldOffset = Layout.HEADER_BYTES;
    private long offset = Layout.HEADER_BYTES;
    private long id;

    /**
     * Creates a verifier.
     *
     * @param endOffset end of the segment's groups, or of its last live frame
     * @param nextId the id after the segment's last record
     * @param bytesRead is called from time to time with the number of bytes that were read since its previous call
     */
    public SegmentVerifier(Segment segment, long endOffset, long nextId, LongConsumer bytesRead) {
        this(segment, endOffset, nextId, bytesRead, true);
    }

    private SegmentVerifier(Segment segment, long endOffset, long nextId, LongConsumer bytesRead, boolean endIsKnown) {
        this.segment = segment;
        this.endIsKnown = endIsKnown;
        this.frames = new FrameCheck(segment.header(), window, checksum);
        this.endOffset = endOffset;
        this.nextId = nextId;
        this.bytesRead = bytesRead;
        this.id = segment.baseId();
    }

    /**
     * Creates a verifier for a tail (newest segment) whose end offset is unknown. The verifier stops after record
     * {@code nextId - 1}.
     */
    public static SegmentVerifier withoutKnownEnd(Segment segment, long nextId, LongConsumer bytesRead) {
        long mostOffset = Layout.groupsEnd(segment.header().fileLength());
        return new SegmentVerifier(segment, mostOffset, nextId, bytesRead, false);
    }

    /** Reads the segment and returns all damage in order of the offsets. */
    public List<CorruptLogException> run() throws IOException {
        window.widen();
        window.look(segment.acquire());
        try {
            while (isBeforeEnd()) {
                passGroup();
                tell();
            }
            if (id < nextId) {
                damage(offset, "the groups of the segment end before record " + id, nextId);
            }
            return damages;
        } finally {
            segment.release();
        }
    }

    private boolean isBeforeEnd() {
        boolean groupMayFollow = endIsKnown && offset + Layout.GROUP_HEADER_BYTES <= endOffset;
        return offset < endOffset && (groupMayFollow || id < nextId);
    }

    private void tell() {
        long passed = Math.min(offset, endOffset) - toldOffset;
        if (passed >= Layout.CHUNK_BYTES || offset >= endOffset) {
            bytesRead.accept(passed);
            toldOffset += passed;
        }
    }

    private void passGroup() throws IOException {
        if (!readGroup(offset) || group.firstId() != id || endsTooLate()) {
            resume();
        } else if (group.kind() == GroupKind.RECORDS) {
            long next = group.next(offset);
            passFrames();
            offset = next;
        } else {
            offset = group.next(offset);
        }
    }

    private boolean endsTooLate() {
        return group.next(offset) > Layout.groupsEnd(segment.header().fileLength());
    }

    private boolean readGroup(long at) throws IOException {
        long length = segment.header().fileLength();
        int index = window.at(at, Layout.GROUP_HEADER_BYTES, length);
        return index >= 0
                && group.read(window.buffer(), index, checksum, segment.header().salt(), at)
                && group.kind() != GroupKind.FOOTER;
    }

    /**
     * Searches for the next valid group header that can follow the last record read. Reports the bytes before it as
     * damage, and continues at that group.
     */
    private void resume() throws IOException {
        long from = offset;
        long length = segment.header().fileLength();
        for (long at = from + Layout.ALIGNMENT; at + Layout.GROUP_HEADER_BYTES <= endOffset; at += Layout.ALIGNMENT) {
            int index = window.at(at, Layout.ALIGNMENT, length);
            if (index < 0) {
                break;
            }
            if (GroupHeader.mayBegin(window.buffer(), index)
                    && readGroup(at)
                    && group.firstId() >= id
                    && group.firstId() <= nextId) {
                damage(from, "no group begins here; the next one begins at byte " + at, group.firstId());
                offset = at;
                return;
            }
        }
        damage(from, "no group begins here or later", nextId);
        offset = endOffset;
    }

    /**
     * Checks the frames of a group and reports broken frames. If the frames, each with its stated length, fill the
     * group exactly, all lengths are right, and a broken frame makes only its own record unreadable. Otherwise the
     * start of the frame after a broken frame is unknown.
     */
    private void passFrames() throws IOException {
        long frame = offset + Layout.GROUP_HEADER_BYTES;
        long end = frame + group.bodyBytes();
        long last = group.firstId() + group.count() - 1;
        NavigableMap<Long, Long> broken = new TreeMap<>();
        long passed = id;
        while (passed <= last && frame <= end && (passed < nextId || !broken.isEmpty())) {
            int bytes = frames.wholeBytes(frame, end, segment.header().fileLength());
            if (bytes < 0) {
                broken.put(passed, frame);
            }
            frame = bytes < 0 ? frames.nextAsSaid(frame, end, segment.header().fileLength()) : frame + bytes;
            passed++;
        }
        boolean fits = passed <= last ? frame <= end : frame == end;
        long resumesAt = Math.min(last + 1, nextId);
        for (Map.Entry<Long, Long> one : broken.headMap(resumesAt).entrySet()) {
            id = one.getKey();
            String found = "the frame of record " + id + " is not whole";
            if (fits || id + 1 == resumesAt) {
                damage(one.getValue(), found, id + 1);
            } else {
                String most = "at most " + Remedy.recordsInside(id, resumesAt - 1) + " can no longer be read.";
                damage(one.getValue(), found, resumesAt, "Its length may be damaged, so " + most);
            }
            if (!fits) {
                return;
            }
        }
        id = resumesAt;
        if (!fits) {
            damage(frame, "the records of a group do not fill it", id);
        }
    }

    /** Reports damage to the records from {@link #id} to {@code resumesAt - 1} and continues at {@code resumesAt}. */
    private void damage(long at, String found, long resumesAt) {
        String lost = resumesAt == id
                ? "No record is lost, but stored bytes are damaged, and a reader may stop at them."
                : Remedy.records(id, resumesAt - 1) + " had been stored and can no longer be read.";
        damage(at, found, resumesAt, lost);
    }

    private void damage(long at, String found, long resumesAt, String lost) {
        String where = segment.fileName() + " at byte " + at + ": " + found + ". ";
        damages.add(new CorruptLogException(
                where + lost + " " + Remedy.restoreOrDrop(id),
                segment.fileName(),
                at,
                id,
                Math.max(id, resumesAt - 1)));
        id = resumesAt;
    }
}
