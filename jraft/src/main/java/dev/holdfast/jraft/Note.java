package dev.holdfast.jraft;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A record of the log of notes. A note is durable <i>before</i> what it announces happens, so it may speak of something
 * that never did, or that was undone later: it tells where to look, and the log of entries tells what is so.
 */
sealed interface Note {
    byte BEGIN = 1;
    byte CONFIGURATION = 2;
    byte PIECES = 3;
    byte RESET = 4;
    byte RESET_DONE = 5;

    int BYTES = 1 + Long.BYTES + Long.BYTES;

    /**
     * The first note: from here on nothing is left out. A log of notes without it has yet to be made from the entries.
     */
    record Begin() implements Note {}

    /** At this index there may be a configuration. */
    record Configuration(long index) implements Note {}

    /** The entry at this index may stand in pieces, none of them below {@code firstPiece}. */
    record Pieces(long index, long firstPiece) implements Note {}

    /** A reset was asked for; it is made good at the next opening unless {@link ResetDone} follows. */
    record Reset(long nextIndex) implements Note {}

    /** The last reset was done. */
    record ResetDone() implements Note {}

    private static ByteBuffer bytes(byte kind, long index, long firstPiece) {
        return ByteBuffer.allocate(BYTES)
                .put(kind)
                .putLong(index)
                .putLong(firstPiece)
                .flip();
    }

    /** The bytes of a note. */
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

    /** The note in a record. */
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
