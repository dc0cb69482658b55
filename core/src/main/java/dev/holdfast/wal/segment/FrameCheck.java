package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Checks that an intact frame begins at an offset. Not thread-safe. */
public final class FrameCheck {
    private final SegmentHeader header;
    private final ReadBuffer window;
    private final Checksum checksum;
    private int index;

    /** Creates a check of frames that {@code window} reads. */
    public FrameCheck(SegmentHeader header, ReadBuffer window, Checksum checksum) {
        this.header = header;
        this.window = window;
        this.checksum = checksum;
    }

    /** Returns the length of the intact frame at an offset, or -1 if none ends by {@code end}. */
    public int wholeBytes(long offset, long end, long limit) throws IOException {
        int at = offset + Layout.FRAME_HEADER_BYTES > end ? -1 : window.at(offset, Layout.FRAME_HEADER_BYTES, limit);
        if (at < 0) {
            return -1;
        }
        int dataBytes = Frame.dataBytes(window.buffer(), at);
        if (dataBytes > header.recordLimit() || offset + Frame.bytes(dataBytes) > end) {
            return -1;
        }
        at = window.at(offset, Frame.bytes(dataBytes), limit);
        if (at < 0) {
            return -1;
        }
        index = at;
        ByteBuffer buffer = window.buffer();
        boolean whole = Frame.storedChecksum(buffer, at) == Frame.checksum(buffer, at, checksum, header.salt(), offset);
        return whole ? Frame.bytes(dataBytes) : -1; // seam: frame-whole
    }

    /** Returns the end of a frame, computed from its unverified length; more than {@code end} if there is no frame. */
    public long nextAsSaid(long offset, long end, long limit) throws IOException {
        int at = offset + Layout.FRAME_HEADER_BYTES > end ? -1 : window.at(offset, Layout.FRAME_HEADER_BYTES, limit);
        return at < 0 ? end + 1 : offset + Layout.FRAME_HEADER_BYTES + Frame.dataBytes(window.buffer(), at);
    }

    /** Returns whether {@code count} intact frames begin at an offset and fill the bytes up to {@code end} exactly. */
    boolean areWhole(int count, long offset, long end, long limit) throws IOException {
        long next = offset;
        for (int left = count; left > 0 && next <= end; left--) {
            int bytes = wholeBytes(next, end, limit);
            next = bytes < 0 ? end + 1 : next + bytes;
        }
        return next == end;
    }

    /** Returns the data of the frame that was checked last, as a view that is valid until the next check. */
    ByteBuffer data() {
        return window.readOnly(index + Layout.FRAME_HEADER_BYTES, Frame.dataBytes(window.buffer(), index));
    }

    /** Returns whether the frame that was checked last ends its batch. */
    boolean endsBatch() {
        return Frame.endsBatch(window.buffer(), index);
    }
}
