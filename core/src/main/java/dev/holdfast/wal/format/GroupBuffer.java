package dev.holdfast.wal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A group under construction in memory: space for its header, then its frames. Records are copied in as they arrive;
 * {@link #seal} adds what depends on the place in the file. Reused, so appends do not allocate. Not thread-safe.
 */
public final class GroupBuffer {
    private static final int FIRST_CAPACITY = 32 << 10;
    private static final int KEPT_CAPACITY = 4 << 20;

    /** Number of bytes after a group for which {@link #reserve} makes room: padding, and zeros for the next markers. */
    private static final int MAX_PADDING_BYTES = 5 * Layout.BLOCK_BYTES;

    private ByteBuffer bytes = littleEndian(new byte[FIRST_CAPACITY]);
    private int length = Layout.GROUP_HEADER_BYTES;
    private int lastFrame;
    private int count;
    private long firstId;

    /** Empties the buffer for a group that begins with this id. Releases the array if it is unusually large. */
    public void clear(long newFirstId) {
        if (bytes.capacity() > KEPT_CAPACITY) {
            bytes = littleEndian(new byte[FIRST_CAPACITY]);
        }
        length = Layout.GROUP_HEADER_BYTES;
        count = 0;
        firstId = newFirstId;
    }

    /**
     * Reserves room for frames of this length, headers included, so that adding them cannot fail. If there is no
     * memory, throws an {@link OutOfMemoryError} and leaves the buffer unchanged.
     */
    public void reserve(int moreBytes) {
        int needed = Math.addExact(length, Math.addExact(moreBytes, Layout.ALIGNMENT + MAX_PADDING_BYTES));
        int capacity = bytes.capacity();
        if (needed > capacity) {
            int doubled = capacity < KEPT_CAPACITY / 2 ? capacity * 2 : 0;
            bytes = littleEndian(Arrays.copyOf(bytes(), Math.max(needed, doubled)));
        }
    }

    private static ByteBuffer littleEndian(byte[] array) {
        return ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Adds a batch of one record from a buffer, whose position does not change. The caller must have called
     * {@link #reserve}. If reading the buffer throws, or if it has fewer bytes, nothing is added.
     */
    public void add(ByteBuffer data, int from, int dataBytes) {
        data.get(from, bytes(), length + Layout.FRAME_HEADER_BYTES, dataBytes);
        if (data.isDirect()) {
            throwUnreadable();
        }
        added(dataBytes);
    }

    /** Adds a batch of one record from an array. The caller must have called {@link #reserve}. */
    public void add(byte[] data, int from, int dataBytes) {
        System.arraycopy(data, from, bytes(), length + Layout.FRAME_HEADER_BYTES, dataBytes);
        added(dataBytes);
    }

    /** Adds a batch as {@link #add(ByteBuffer, int, int)} adds a record: reads all buffers, then adds all. */
    public void addBatch(ByteBuffer[] batch) {
        int end = length;
        boolean direct = false;
        for (ByteBuffer data : batch) {
            data.get(data.position(), bytes(), end + Layout.FRAME_HEADER_BYTES, data.remaining());
            end += Frame.bytes(data.remaining());
            direct |= data.isDirect();
        }
        if (direct) {
            throwUnreadable();
        }
        for (int i = 0; i < batch.length; i++) {
            if (i > 0) continueBatch();
            added(batch[i].remaining());
        }
    }

    /** Lets the record to be added next continue the batch of the record added last. */
    public void continueBatch() {
        Frame.continueBatch(bytes, lastFrame);
    }

    /**
     * Throws if a mapped file could not be read. JDK 17 reports a fault of a mapped file only when the thread next
     * enters the VM. No compiler creates an array of arrays of unknown length without the VM, so the fault is reported
     * here. The length is 0.
     */
    private void throwUnreadable() {
        if (new byte[count >>> 31][1].length > 0) throw new AssertionError("count " + count);
    }

    private void added(int dataBytes) {
        Frame.putLength(bytes, length, dataBytes);
        lastFrame = length;
        length += Frame.bytes(dataBytes);
        count++;
    }

    /** Returns the length of the group in bytes, its header included, before it is padded to a multiple of 8. */
    public int length() {
        return length;
    }

    public int count() {
        return count;
    }

    public long firstId() {
        return firstId;
    }

    /** Returns the id of the last record, or one less than the first id if there is no record. */
    public long lastId() {
        return firstId + count - 1;
    }

    /** Returns the group's bytes: header, frames, zeros up to a multiple of 8. */
    @SuppressWarnings("ByteBufferBackingArray") // the buffer is allocated, so it begins with its array
    public byte[] bytes() {
        return bytes.array();
    }

    /** Returns the length of the group on disk in bytes, a multiple of 8. */
    public int alignedLength() {
        return (int) Layout.aligned(length);
    }

    /**
     * Returns a buffer of {@link #bytes()} with zeros after the group, at most {@link #MAX_PADDING_BYTES}. Allocates
     * nothing after {@link #reserve}.
     */
    public ByteBuffer padded(int moreBytes) {
        int end = alignedLength();
        Arrays.fill(bytes(), end, end + moreBytes, (byte) 0);
        return bytes;
    }

    /** Returns the index of the next frame. The first frame follows the group header. */
    public int frameAfter(int frame) {
        return frame + Frame.bytes(Frame.dataBytes(bytes, frame));
    }

    /** Completes the group for an offset in a file: writes the group header and all checksums. */
    public void seal(Checksum checksum, long salt, long offset, Declaration declared) {
        Arrays.fill(bytes(), length, alignedLength(), (byte) 0);
        ByteBuffer group = bytes;
        for (int frame = Layout.GROUP_HEADER_BYTES, dataBytes; frame < length; frame += Frame.bytes(dataBytes)) {
            dataBytes = Frame.dataBytes(group, frame);
            group.putInt(frame, Frame.checksum(group, frame, dataBytes, checksum, salt, offset + frame));
        }
        int body = length - Layout.GROUP_HEADER_BYTES;
        GroupHeader.encode(group, 0, GroupKind.RECORDS, body, count, firstId, declared, checksum, salt, offset);
    }
}
