package dev.holdfast.wal.segment;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Walks over the records of one segment that are known to exist, because they were acknowledged or found intact before.
 * A missing or broken record is therefore damage. Verifies every byte that it returns; moving allocates nothing. Not
 * thread-safe.
 */
public final class RecordWalk {
    private final Checksum checksum = new Checksum();
    private final GroupHeader group = new GroupHeader();
    private @Nullable ReadBuffer lent;
    private @Nullable Segment segment;
    private long lastToShow;
    private long nextGroup;
    private long nextFrame;
    private long groupEnd;
    private int framesLeft;
    private long id;
    private long frameOffset;
    private int dataIndex;
    private int dataBytes;
    private int plainCrc;

    /** Creates a walk that must be lent a read buffer before its first use. */
    public RecordWalk() {}

    public RecordWalk(ReadBuffer window) {
        lent = window;
    }

    /** Returns a walk at record {@code id}, the last live record of a segment. Releases the segment's file again. */
    public static RecordWalk to(Segment segment, long id, ReadBuffer window) throws IOException {
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

    /** Lends a read buffer to the walk. Nothing else may use the buffer meanwhile. The walk keeps its position. */
    public void lend(ReadBuffer window, @Nullable ReadableFile file) {
        window.look(file);
        lent = window;
    }

    /** Returns the lent read buffer to the caller; null if none is lent. The walk keeps its position. */
    public @Nullable ReadBuffer giveBack() {
        ReadBuffer window = lent;
        lent = null;
        if (window != null) {
            window.look(null);
        }
        return window;
    }

    public boolean hasWindow() {
        return lent != null;
    }

    private ReadBuffer window() {
        ReadBuffer window = lent;
        if (window == null) {
            throw new AssertionError("the walk has no window");
        }
        return window;
    }

    /**
     * Positions the walk in a segment, so that {@link #next} moves to record {@code firstToShow}.
     *
     * @param last the last existing id of the segment, for messages
     * @param limit end offset of the segment's immutable bytes
     */
    public void seek(Segment target, ReadableFile file, long firstToShow, long last, long limit) throws IOException {
        window().look(file);
        segment = target;
        lastToShow = last;
        SegmentIndex index = target.index();
        int entry = index.floor(firstToShow - target.baseId());
        id = target.baseId() - 1;
        nextGroup = Layout.HEADER_BYTES;
        framesLeft = 0;
        if (entry >= 0) {
            nextGroup = index.groupOffset(entry);
            id = index.idDelta(entry) + target.baseId() - 1;
            enterGroup(limit);
            long skipped = index.idDelta(entry) + target.baseId() - group.firstId();
            id = group.firstId() + skipped - 1;
            framesLeft -= (int) skipped;
            nextFrame = index.frameOffset(entry);
            if (skipped < 0 || framesLeft <= 0 || nextFrame >= groupEnd) {
                throw damaged(nextGroup, "the index of the segment names a record that is not there");
            }
        }
        passGroup(firstToShow);
        while (id + 1 < firstToShow) {
            skip(firstToShow, limit);
        }
    }

    /** Moves to the next record. */
    public void next(long limit) throws IOException {
        if (framesLeft == 0) {
            enterNextGroup(limit);
        }
        long offset = nextFrame;
        int at = frameAt(offset, limit);
        ByteBuffer buffer = window().buffer();
        int expected = Frame.checksum(buffer, at, checksum, salt(), offset);
        int stored = Frame.storedChecksum(buffer, at);
        if (stored != expected) { // seam: record-checksum
            String found = String.format(
                    "frame of record %d has checksum 0x%08x, expected 0x%08x (%d bytes)",
                    id + 1, stored, expected, Frame.dataBytes(buffer, at));
            throw damaged(offset, found, endOfDamagedFrame(limit) < 0 ? lastHidden(id + 1) : id + 1);
        }
        frameOffset = offset;
        dataBytes = Frame.dataBytes(buffer, at);
        dataIndex = at + Layout.FRAME_HEADER_BYTES;
        plainCrc = stored ^ Checksum.mask(salt(), offset);
        nextFrame = offset + Frame.bytes(dataBytes);
        framesLeft--;
        if (framesLeft == 0 && nextFrame != groupEnd) {
            throw damaged(offset, "the records of a group do not fill it");
        }
        id++;
    }

    /**
     * Skips a whole group by its header if the wanted record is in a later group, else one record. The skipped record
     * is verified: with a flipped bit in its length, a wrong record would later pass for the wanted one.
     */
    private void skip(long wanted, long limit) throws IOException {
        if (framesLeft == 0) {
            enterNextGroup(limit);
            if (passGroup(wanted)) {
                return;
            }
        }
        try {
            next(limit);
        } catch (CorruptLogException damage) {
            long end = endOfDamagedFrame(limit);
            if (end < 0) {
                throw damage;
            }
            nextFrame = end;
            framesLeft--;
            id++;
        }
    }

    /**
     * Returns the end of the damaged frame at {@link #nextFrame}, computed from the frame's length; -1 if the length
     * may be wrong. The length is right if the group's remaining frames follow intact and end where the group ends.
     */
    private long endOfDamagedFrame(long limit) throws IOException {
        FrameCheck frames = new FrameCheck(segment().header(), window(), checksum);
        long end = frames.nextAsSaid(nextFrame, groupEnd, limit);
        boolean whole = framesLeft > 0 && frames.areWhole(framesLeft - 1, end, groupEnd, limit); // seam: damaged-length
        return whole ? end : -1;
    }

    /** Skips the rest of the group if the wanted record is in a later group; returns whether it has skipped. */
    private boolean passGroup(long wanted) {
        boolean before = id + framesLeft < wanted;
        if (before) {
            id += framesLeft;
            framesLeft = 0;
        }
        return before;
    }

    private void enterNextGroup(long limit) throws IOException {
        enterGroup(limit);
        if (group.firstId() != id + 1) {
            throw damaged(nextFrame, "a group begins with record " + group.firstId() + ", expected " + (id + 1));
        }
    }

    /** Enters the next group of records at {@link #nextGroup} or later. */
    private void enterGroup(long limit) throws IOException {
        while (true) {
            long offset = nextGroup;
            int at = window().at(offset, Layout.GROUP_HEADER_BYTES, limit);
            if (at < 0 || !group.read(window().buffer(), at, checksum, salt(), offset)) {
                throw damaged(offset, "there is no group of records where record " + (id + 1) + " was expected");
            }
            nextGroup = group.next(offset);
            if (group.kind() == GroupKind.RECORDS) {
                framesLeft = group.count();
                nextFrame = offset + Layout.GROUP_HEADER_BYTES;
                groupEnd = nextFrame + group.bodyBytes();
                return;
            }
        }
    }

    private int frameAt(long offset, long limit) throws IOException {
        int header = window().at(offset, Layout.FRAME_HEADER_BYTES, limit);
        int bytes = header < 0 ? -1 : Frame.dataBytes(window().buffer(), header);
        if (header < 0 || offset + Layout.FRAME_HEADER_BYTES + bytes > groupEnd) {
            throw damaged(offset, "frame of record " + (id + 1) + " is longer than its group");
        }
        if (bytes > segment().header().recordLimit()) {
            throw damaged(
                    offset,
                    "frame of record " + (id + 1) + " has a length of " + bytes + " bytes, the limit is "
                            + segment().header().recordLimit());
        }
        int at = window().at(offset, Frame.bytes(bytes), limit);
        if (at < 0) {
            throw damaged(offset, "the file ends within record " + (id + 1));
        }
        return at;
    }

    /**
     * Returns the last record that damage to record {@code first} makes unreadable. A damaged frame hides the rest of
     * its group; a damaged group hides the records up to the next index entry.
     */
    private long lastHidden(long first) {
        SegmentIndex index = segment().index();
        int next = index.floor(first - segment().baseId()) + 1;
        long last = lastToShow;
        if (framesLeft > 0) {
            last = Math.min(last, id + framesLeft);
        } else if (next < index.entries()) {
            last = Math.min(last, segment().baseId() + index.idDelta(next) - 1);
        }
        return Math.max(first, last);
    }

    private CorruptLogException damaged(long offset, String found) {
        return damaged(offset, found, lastHidden(id + 1));
    }

    private CorruptLogException damaged(long offset, String found, long last) {
        long first = id + 1;
        return new CorruptLogException(
                segment().fileName() + " at byte " + offset + ": " + found + ". Record " + first
                        + " had been stored, so bytes of this file are damaged; "
                        + (first == last ? "" : "at most ")
                        + Remedy.recordsInside(first, last)
                        + " may be lost. " + Remedy.restoreOrDrop(first),
                segment().fileName(),
                offset,
                first,
                last);
    }

    private Segment segment() {
        Segment current = segment;
        if (current == null) {
            throw new AssertionError("the walk is nowhere");
        }
        return current;
    }

    private long salt() {
        return segment().header().salt();
    }

    public long id() {
        return id;
    }

    /** Returns the offset of the current record's frame. */
    public long frameOffset() {
        return frameOffset;
    }

    /** Returns the end offset of the current record's frame. */
    public long frameEnd() {
        return frameOffset + Frame.bytes(dataBytes);
    }

    /** Returns the unmasked CRC-32C of the current record's frame. */
    public int plainCrc() {
        return plainCrc;
    }

    /** Returns whether the current record is the last of its batch. */
    public boolean endsBatch() {
        return Frame.endsBatch(window().buffer(), dataIndex - Layout.FRAME_HEADER_BYTES);
    }

    public int dataBytes() {
        return dataBytes;
    }

    /** Returns the current record's data: a read-only buffer from position to limit, valid until the next step. */
    public ByteBuffer data() {
        return dataIn(window());
    }

    /** Returns the data like {@link #data}, or null if another thread has just taken the read buffer back. */
    public @Nullable ByteBuffer dataIfLent() {
        ReadBuffer window = lent;
        return window == null ? null : dataIn(window);
    }

    private ByteBuffer dataIn(ReadBuffer window) {
        return window.readOnly(dataIndex, dataBytes);
    }

    /** Reads ahead more bytes from now on. */
    public void widen() {
        window().widen();
    }
}
