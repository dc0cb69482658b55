package dev.holdfast.wal.format;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A group being put together in memory: room for its header, then frames. Records are copied in as they come; what
 * depends on the place in the file is added by {@link #seal}. Reusable, so that appending allocates nothing. One thread
 * at a time.
 */
public final class GroupBuffer {
    private static final int FIRST_CAPACITY = 16 << 10;
    private static final int KEPT_CAPACITY = 4 << 20;

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int length = Layout.GROUP_HEADER_BYTES;
    private int lastFrame;
    private int count;
    private long firstId;

    /** Empties the buffer for a group that begins with this id; gives an unusually large array back. */
    public void clear(long newFirstId) {
        if (bytes.length > KEPT_CAPACITY) {
            bytes = new byte[FIRST_CAPACITY];
        }
        length = Layout.GROUP_HEADER_BYTES;
        lastFrame = 0;
        count = 0;
        firstId = newFirstId;
    }

    /**
     * Makes room for frames, so that adding them cannot fail.
     *
     * @param moreBytes of frames, headers included
     * @throws OutOfMemoryError if there is none; the buffer is as before
     */
    public void reserve(int moreBytes) {
        int needed = Math.addExact(length, Math.addExact(moreBytes, Layout.ALIGNMENT));
        if (needed > bytes.length) {
            int doubled = bytes.length < KEPT_CAPACITY / 2 ? bytes.length * 2 : 0;
            bytes = Arrays.copyOf(bytes, Math.max(needed, doubled));
        }
    }

    /**
     * Adds bytes of a buffer, whose position is left alone. Room has been reserved.
     *
     * @throws IndexOutOfBoundsException if the buffer has fewer; nothing was added
     */
    public void add(ByteBuffer data, int from, int dataBytes, boolean endOfBatch) {
        data.get(from, bytes, length + Layout.FRAME_HEADER_BYTES, dataBytes);
        added(dataBytes, endOfBatch);
    }

    /** Adds bytes of an array. Room has been reserved. */
    public void add(byte[] data, int from, int dataBytes, boolean endOfBatch) {
        System.arraycopy(data, from, bytes, length + Layout.FRAME_HEADER_BYTES, dataBytes);
        added(dataBytes, endOfBatch);
    }

    private void added(int dataBytes, boolean endOfBatch) {
        lastFrame = length;
        Frame.putLength(bytes, length, dataBytes, endOfBatch);
        length += Frame.bytes(dataBytes);
        count++;
    }

    /** Makes the last record the end of its batch, if there is one. */
    public void endBatch() {
        if (count > 0) {
            Frame.putEndOfBatch(bytes, lastFrame);
        }
    }

    /** Takes back what was added since the buffer had this length and count. */
    public void rollback(int oldLength, int oldCount) {
        length = oldLength;
        count = oldCount;
    }

    /** Bytes of the group so far, its header included, not yet padded to 8. */
    public int length() {
        return length;
    }

    /** Records so far. */
    public int count() {
        return count;
    }

    /** The id of the first record. */
    public long firstId() {
        return firstId;
    }

    /** The id of the last record; one less than the first where there is none. */
    public long lastId() {
        return firstId + count - 1;
    }

    /** The group's bytes: header, frames, zeros up to a multiple of 8. */
    public byte[] bytes() {
        return bytes;
    }

    /** Bytes of the whole group as it is written: a multiple of 8. */
    public int alignedLength() {
        return (int) Layout.aligned(length);
    }

    /** {@link #bytes()} with room for so many zeros behind the group. */
    public byte[] padded(int moreBytes) {
        int end = alignedLength();
        if (end + moreBytes > bytes.length) {
            bytes = Arrays.copyOf(bytes, end + moreBytes);
        }
        Arrays.fill(bytes, end, end + moreBytes, (byte) 0);
        return bytes;
    }

    /** Where the frame after the one at {@code frame} begins in {@link #bytes()}; the first is behind the header. */
    public int frameAfter(int frame) {
        return frame + Frame.bytes(Frame.dataBytes(bytes, frame));
    }

    /** Completes the group for a place in a file. */
    public void seal(Checksum checksum, long salt, long offset, long durableId, long trimPoint) {
        Arrays.fill(bytes, length, alignedLength(), (byte) 0);
        for (int frame = Layout.GROUP_HEADER_BYTES; frame < length; frame = frameAfter(frame)) {
            Frame.seal(bytes, frame, checksum, salt, offset + frame);
        }
        GroupHeader.encode(
                bytes,
                0,
                GroupKind.RECORDS,
                length - Layout.GROUP_HEADER_BYTES,
                count,
                firstId,
                durableId,
                trimPoint,
                checksum,
                salt,
                offset);
    }
}
