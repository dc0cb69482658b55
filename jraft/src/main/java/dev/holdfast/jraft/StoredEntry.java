package dev.holdfast.jraft;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What a record of the log of entries says about the index that is its id. The first byte is the kind; numbers are
 * big-endian.
 */
sealed interface StoredEntry {
    byte WHOLE = 1;
    byte FILLER = 2;
    byte IN_PIECES = 3;

    int KIND_BYTES = 1;
    int IN_PIECES_BYTES = KIND_BYTES + Long.BYTES + Integer.BYTES + Integer.BYTES;

    /** The entry as JRaft's codec wrote it. */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares two of them.
    record Whole(byte[] encoded) implements StoredEntry {}

    /** There is no entry: whoever appended left this index out. */
    record Filler() implements StoredEntry {}

    /**
     * The entry is too large for a record and stands in {@code pieces} records of another log, from {@code firstPiece}
     * on.
     */
    record InPieces(long firstPiece, int pieces, int encodedBytes) implements StoredEntry {}

    static ByteBuffer whole(byte[] encoded) {
        return ByteBuffer.allocate(KIND_BYTES + encoded.length)
                .put(WHOLE)
                .put(encoded)
                .flip();
    }

    static ByteBuffer filler() {
        return ByteBuffer.allocate(KIND_BYTES).put(FILLER).flip();
    }

    static ByteBuffer inPieces(InPieces entry) {
        return ByteBuffer.allocate(IN_PIECES_BYTES)
                .put(IN_PIECES)
                .putLong(entry.firstPiece())
                .putInt(entry.pieces())
                .putInt(entry.encodedBytes())
                .flip();
    }

    /**
     * What stands in a record.
     *
     * @throws IOException if nothing of this kind was ever written; the bytes are as they were written, as their
     *     checksum was right
     */
    static StoredEntry of(long index, ByteBuffer data) throws IOException {
        ByteBuffer bytes = data.duplicate();
        byte kind = bytes.hasRemaining() ? bytes.get() : 0;
        if (kind == WHOLE) {
            byte[] encoded = new byte[bytes.remaining()];
            bytes.get(encoded);
            return new Whole(encoded);
        }
        if (kind == FILLER && !bytes.hasRemaining()) {
            return new Filler();
        }
        if (kind == IN_PIECES && data.remaining() == IN_PIECES_BYTES) {
            return new InPieces(bytes.getLong(), bytes.getInt(), bytes.getInt());
        }
        throw new IOException("record " + index + " of " + data.remaining() + " bytes and kind " + kind
                + " was not written by this storage or by a newer version of it; expected kind " + WHOLE + ", " + FILLER
                + " or "
                + IN_PIECES);
    }
}
