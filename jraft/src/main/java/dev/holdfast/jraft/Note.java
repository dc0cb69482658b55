package dev.holdfast.jraft;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A record of the log of notes. A note becomes durable <i>before</i> the change that it announces. The change may
 * therefore never happen, or may be undone later. So a note is only a hint where to look, and the log of entries is
 * authoritative.
 */
sealed interface Note {
    byte BEGIN = 1;
    byte CONFIGURATION = 2;
    byte PIECES = 3;
    byte RESET = 4;
    byte RESET_DONE = 5;

    int BYTES = 1 + Long.BYTES + Long.BYTES;

    /**
     * The first note of every log of notes. If it is missing, the log of notes is new or was deleted, and the notes
     * must first be rebuilt from the entries.
     */
    record Begin() implements Note {}

    /** The entry at this index may be a configuration. */
    record Configuration(long index) implements Note {}

    /** The entry at this index may be stored in pieces. None of these pieces has an id below {@code firstPiece}. */
    record Pieces(long index, long firstPiece) implements Note {}

    /** A reset to {@code nextIndex} has begun. If no {@link ResetDone} follows, the next opening repeats the reset. */
    record Reset(long nextIndex) implements Note {}

    /** The last reset is complete. */
    record ResetDone() implements Note {}

    private static ByteBuffer bytes(byte kind, long index, long firstPiece) {
        return ByteBuffer.allocate(BYTES)
                .put(kind)
                .putLong(index)
                .putLong(firstPiece)
                .flip();
    }

    /** Encodes a note. */
    static ByteBuffer encode(Note note) {
        if (note instanceof Configuration configuration) {
            return bytes(CONFIGURATION, configuration.index(), 0);
        }
        if (note instanceof Pieces pieces) {
            return bytes(PIECES, pieces.index(), pieces.firstPiece());
        }
        if (note instanceof Reset reset) {
            return bytes(RESET, reset.nextIndex(), 0);
        }
        return bytes(note instanceof Begin ? BEGIN : RESET_DONE, 0, 0);
    }

    /**
     * Decodes a record of the log of notes.
     *
     * @throws IOException if the record does not have the form of a note
     */
    static Note decode(long id, ByteBuffer data) throws IOException {
        ByteBuffer bytes = data.duplicate();
        if (bytes.remaining() != BYTES) {
            throw new IOException("note " + id + " has " + bytes.remaining() + " bytes, expected " + BYTES
                    + "; a newer version of this storage may have written it");
        }
        byte kind = bytes.get();
        long index = bytes.getLong();
        return switch (kind) {
            case BEGIN -> new Begin();
            case CONFIGURATION -> new Configuration(index);
            case PIECES -> new Pieces(index, bytes.getLong());
            case RESET -> new Reset(index);
            case RESET_DONE -> new ResetDone();
            default ->
                throw new IOException("note " + id + " is of kind " + kind + ", expected " + BEGIN + " to " + RESET_DONE
                        + "; a newer version of this storage may have written it");
        };
    }
}
