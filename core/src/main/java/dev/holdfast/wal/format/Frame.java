package dev.holdfast.wal.format;

import java.nio.ByteBuffer;

/** The bytes of one record on disk, in a little-endian buffer. See the table in {@code docs/format.md}. */
public final class Frame {
    private static final int END_OF_BATCH = 1 << 31;

    private Frame() {}

    /** Returns the length of a frame whose data has this length. */
    public static int bytes(int dataBytes) {
        return Layout.FRAME_HEADER_BYTES + dataBytes;
    }

    /** Writes the frame's header except its checksum. The record ends its batch, until {@link #continueBatch}. */
    public static void putLength(ByteBuffer bytes, int at, int dataBytes) {
        bytes.putInt(at + 4, dataBytes | END_OF_BATCH);
    }

    /** Changes the header so that the record does not end its batch. */
    public static void continueBatch(ByteBuffer bytes, int at) {
        bytes.putInt(at + 4, dataBytes(bytes, at));
    }

    /** Returns the length of a frame's data in bytes: 0 to 2^31 - 1, not validated. */
    public static int dataBytes(ByteBuffer bytes, int at) {
        return bytes.getInt(at + 4) & ~END_OF_BATCH;
    }

    public static boolean endsBatch(ByteBuffer bytes, int at) {
        return bytes.getInt(at + 4) < 0;
    }

    public static int storedChecksum(ByteBuffer bytes, int at) {
        return bytes.getInt(at);
    }

    /** Computes the checksum of a whole frame. Clears the buffer. */
    public static int checksum(ByteBuffer bytes, int at, int dataBytes, Checksum checksum, long salt, long offset) {
        return checksum.of(bytes, at + 4, dataBytes + 4, salt, offset);
    }
}
