package dev.holdfast.jraft;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The content of a record in the log of entries. The id of the record is the index of the entry. The first byte of the
 * content is its kind. Numbers are big-endian.
 */
sealed interface StoredEntry {
    byte WHOLE = 1;
    byte FILLER = 2;
    byte IN_PIECES = 3;

    int KIND_BYTES = 1;
    int IN_PIECES_BYTES = KIND_BYTES + Long.BYTES + Integer.BYTES + Integer.BYTES;

    /** An entry in the encoding of JRaft's codec. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Whole(byte[] encoded) implements StoredEntry {}

    /** No entry: an append skipped this index. */
    record Filler() implements StoredEntry {}

    /**
     * An entry that is too large for a record. The entry is stored in another log, as {@code pieces} records from id
     * {@code firstPiece} on.
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
     * Decodes a record.
     *
     * @throws IOException if the record has an unknown form. Its checksum was valid, so the record is not damaged, but
     *     was written by another program or by a newer version of this library
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
