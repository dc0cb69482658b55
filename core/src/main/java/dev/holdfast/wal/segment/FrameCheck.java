package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentHeader;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Tells whether a whole frame stands at a place, where that is not yet known. One thread at a time. */
final class FrameCheck {
    private final SegmentHeader header;
    private final ReadBuffer window;
    private final Checksum checksum;
    private int index;

    /** A check of frames that the window shows. */
    FrameCheck(SegmentHeader header, ReadBuffer window, Checksum checksum) {
        this.header = header;
        this.window = window;
        this.checksum = checksum;
    }

    /**
     * Bytes of the frame at an offset; -1 if it is none.
     *
     * @param end where it ends at the latest
     * @param limit up to where to read ahead, at most
     */
    int wholeBytes(long offset, long end, long limit) throws IOException {
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
        return whole ? Frame.bytes(dataBytes) : -1;
    }

    /**
     * Where the frame after this one begins if its length is right, whether it is whole or not; behind the end if it is
     * not.
     */
    long nextAsSaid(long offset, long end, long limit) throws IOException {
        int at = offset + Layout.FRAME_HEADER_BYTES > end ? -1 : window.at(offset, Layout.FRAME_HEADER_BYTES, limit);
        return at < 0 ? end + 1 : offset + Layout.FRAME_HEADER_BYTES + Frame.dataBytes(window.buffer(), at);
    }

    /** Whether so many whole frames stand there, and end where they shall. */
    boolean areWhole(int count, long offset, long end, long limit) throws IOException {
        long next = offset;
        for (int left = count; left > 0 && next <= end; left--) {
            int bytes = wholeBytes(next, end, limit);
            next = bytes < 0 ? end + 1 : next + bytes;
        }
        return next == end;
    }

    /** The data of the frame that was whole just now: a view, until the next one. */
    ByteBuffer data() {
        int dataBytes = Frame.dataBytes(window.buffer(), index);
        return window.readOnly(index + Layout.FRAME_HEADER_BYTES, dataBytes);
    }

    /** Whether the frame that was whole just now ends its batch. */
    boolean endsBatch() {
        return Frame.endsBatch(window.buffer(), index);
    }
}
