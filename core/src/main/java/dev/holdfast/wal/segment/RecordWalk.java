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
 * Walks over records of one segment that are known to be there: acknowledged, or found intact before. So anything that
 * is not a record is damage. Checks every byte it shows. Allocates nothing as it goes. One thread at a time.
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

    /** A walk that needs a window before it goes anywhere. */
    public RecordWalk() {}

    public RecordWalk(ReadBuffer window) {
        lent = window;
    }

    /** Takes a window to look through, which nobody else uses meanwhile. The place stays. */
    public void lend(ReadBuffer window, @Nullable ReadableFile file) {
        window.look(file);
        lent = window;
    }

    /** Gives the window back; null if there is none. The place stays. */
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
     * Goes to a place in a segment: the next record shown is {@code firstToShow}.
     *
     * @param file the segment's
     * @param last the last id of this segment that there is, for messages
     * @param limit where the bytes end that will not change any more
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
        if (stored != expected) {
            String found = String.format(
                    "frame of record %d has checksum 0x%08x, expected 0x%08x (%d bytes)",
                    id + 1, stored, expected, Frame.dataBytes(buffer, at));
            throw damaged(offset, found, endOfDamagedFrame(limit) < 0 ? lastHidden(id + 1) : id + 1);
        }
        frameOffset = offset;
        dataBytes = Frame.dataBytes(buffer, at);
        dataIndex = at + Layout.FRAME_HEADER_BYTES;
        plainCrc = stored ^ Checksum.mask(salt(), offset);
        passFrame(offset, dataBytes);
        id++;
    }

    /**
     * Passes a whole group by its header, or else one record. The record is checked like one that is shown: a flipped
     * bit in the length of a frame that nobody checks would make another record be taken for the one looked for.
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
     * Where the damaged frame at {@link #nextFrame} ends, as it says itself; -1 if it may say so wrongly. It is right
     * if behind it stand as many whole frames as the group still has, up to its end: with any other length they would
     * be fewer.
     */
    private long endOfDamagedFrame(long limit) throws IOException {
        FrameCheck frames = new FrameCheck(segment().header(), window(), checksum);
        long end = frames.nextAsSaid(nextFrame, groupEnd, limit);
        return framesLeft > 0 && frames.areWhole(framesLeft - 1, end, groupEnd, limit) ? end : -1;
    }

    /** Passes what is left of a group that ends before a record. */
    private boolean passGroup(long wanted) {
        boolean before = id + framesLeft < wanted;
        if (before) {
            id += framesLeft;
            framesLeft = 0;
        }
        return before;
    }

    private void passFrame(long offset, int bytes) throws IOException {
        nextFrame = offset + Frame.bytes(bytes);
        framesLeft--;
        if (framesLeft == 0 && nextFrame != groupEnd) {
            throw damaged(offset, "the records of a group do not fill it");
        }
    }

    private void enterNextGroup(long limit) throws IOException {
        enterGroup(limit);
        if (group.firstId() != id + 1) {
            throw damaged(nextFrame, "a group begins with record " + group.firstId() + ", expected " + (id + 1));
        }
    }

    /** Enters the group of records at {@link #nextGroup} or behind it. */
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

    private int frameHeaderAt(long offset, long limit) throws IOException {
        int at = window().at(offset, Layout.FRAME_HEADER_BYTES, limit);
        if (at < 0 || offset + Layout.FRAME_HEADER_BYTES + Frame.dataBytes(window().buffer(), at) > groupEnd) {
            throw damaged(offset, "frame of record " + (id + 1) + " is longer than its group");
        }
        return at;
    }

    private int frameAt(long offset, long limit) throws IOException {
        int bytes = Frame.dataBytes(window().buffer(), frameHeaderAt(offset, limit));
        if (bytes > segment().header().recordLimit()) {
            throw damaged(
                    offset,
                    "frame of record " + (id + 1) + " says " + bytes + " bytes, the limit is "
                            + segment().header().recordLimit());
        }
        int at = window().at(offset, Frame.bytes(bytes), limit);
        if (at < 0) {
            throw damaged(offset, "the file ends within record " + (id + 1));
        }
        return at;
    }

    /**
     * The last record that cannot be found because of damage to {@code first}, or before it: a damaged frame hides
     * those behind it in its group, a damaged group those up to the next one that the index knows.
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

    /** The id of the record shown. */
    public long id() {
        return id;
    }

    /** Where the frame of the record shown begins, in bytes. */
    public long frameOffset() {
        return frameOffset;
    }

    /** Where it ends. */
    public long frameEnd() {
        return frameOffset + Frame.bytes(dataBytes);
    }

    /** The CRC-32C of its frame, without the mask. */
    public int plainCrc() {
        return plainCrc;
    }

    /** Whether it is the last of its batch. */
    public boolean endsBatch() {
        return Frame.endsBatch(window().buffer(), dataIndex - Layout.FRAME_HEADER_BYTES);
    }

    /** Its data in bytes. */
    public int dataBytes() {
        return dataBytes;
    }

    /** Its data between position and limit of a read-only buffer, until the next step. */
    public ByteBuffer data() {
        return dataIn(window());
    }

    /** As {@link #data}; null if another thread has given the window back just now. */
    public @Nullable ByteBuffer dataIfLent() {
        ReadBuffer window = lent;
        return window == null ? null : dataIn(window);
    }

    private ByteBuffer dataIn(ReadBuffer window) {
        return window.readOnly(dataIndex, dataBytes);
    }

    /** Reads larger stretches from now on. */
    public void widen() {
        window().widen();
    }
}
