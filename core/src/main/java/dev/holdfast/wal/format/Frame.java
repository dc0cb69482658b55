package dev.holdfast.wal.format;

import java.nio.ByteBuffer;

/**
 * The bytes of one record on disk.
 *
 * <pre>
 * 0 u32 checksum of all that follows
 * 4 u32 bits 0 to 30: bytes of data; bit 31: the record is the last of its batch
 * 8 data
 * </pre>
 */
public final class Frame {
    private static final int END_OF_BATCH = 1 << 31;

    private Frame() {}

    /** Bytes of a frame with so much data. */
    public static int bytes(int dataBytes) {
        return Layout.FRAME_HEADER_BYTES + dataBytes;
    }

    /** Writes what stands before the data, all but the checksum. */
    public static void putLength(byte[] bytes, int at, int dataBytes, boolean endOfBatch) {
        LittleEndian.putInt(bytes, at + 4, endOfBatch ? dataBytes | END_OF_BATCH : dataBytes);
    }

    /** Marks a frame in memory as the last of its batch. */
    public static void putEndOfBatch(byte[] bytes, int at) {
        LittleEndian.putInt(bytes, at + 4, LittleEndian.getInt(bytes, at + 4) | END_OF_BATCH);
    }

    /** Data bytes of a frame in memory. */
    public static int dataBytes(byte[] bytes, int at) {
        return LittleEndian.getInt(bytes, at + 4) & ~END_OF_BATCH;
    }

    /** Sums a frame that is complete but for its checksum and stores it. */
    public static void seal(byte[] bytes, int at, Checksum checksum, long salt, long offset) {
        LittleEndian.putInt(bytes, at, checksum.of(bytes, at + 4, dataBytes(bytes, at) + 4, salt, offset));
    }

    /** Data bytes of the frame at an index of a little-endian buffer; 0 to 2^31 - 1, unchecked. */
    public static int dataBytes(ByteBuffer bytes, int index) {
        return bytes.getInt(index + 4) & ~END_OF_BATCH;
    }

    /** Whether that frame ends its batch. */
    public static boolean endsBatch(ByteBuffer bytes, int index) {
        return bytes.getInt(index + 4) < 0;
    }

    /** The checksum that stands in that frame. */
    public static int storedChecksum(ByteBuffer bytes, int index) {
        return bytes.getInt(index);
    }

    /** The checksum that a whole frame in a little-endian direct buffer should have. Leaves the buffer cleared. */
    public static int checksum(ByteBuffer bytes, int index, Checksum checksum, long salt, long offset) {
        int dataBytes = dataBytes(bytes, index);
        return checksum.of(bytes, index + 4, dataBytes + 4, salt, offset);
    }
}
