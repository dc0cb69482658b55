package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Entries that are larger than a record, in a log of their own that most storages never have. Reading is safe from any
 * thread, the rest is one thread's.
 */
final class Pieces {
    static final int PIECE_BYTES = LogRecord.MAX_DATA_BYTES;
    // What one append carries: a log holds each batch in memory once more.
    private static final int BATCH_PIECES = 16;

    private final LogPlace place;
    private volatile @Nullable Log log;

    private Pieces(LogPlace place) {
        this.place = place;
    }

    static Pieces open(LogPlace place) throws IOException {
        Pieces pieces = new Pieces(place);
        if (place.exists()) {
            pieces.log = place.open();
        }
        return pieces;
    }

    static boolean needs(byte[] encoded) {
        return encoded.length > LogRecord.MAX_DATA_BYTES - StoredEntry.KIND_BYTES;
    }

    /**
     * Where an entry will stand if it is the next one that is written, {@code ahead} pieces of others having come
     * first.
     */
    StoredEntry.InPieces placeOf(byte[] encoded, long ahead) throws IOException {
        int count = (encoded.length + PIECE_BYTES - 1) / PIECE_BYTES;
        return new StoredEntry.InPieces(made().nextId() + ahead, count, encoded.length);
    }

    /**
     * Writes an entry where {@link #placeOf} said, durably. If it fails in the middle nothing refers to what was
     * written.
     */
    void write(byte[] encoded) throws IOException {
        List<ByteBuffer> batch = new ArrayList<>(BATCH_PIECES);
        for (int from = 0; from < encoded.length; from += PIECE_BYTES) {
            batch.add(ByteBuffer.wrap(encoded, from, Math.min(PIECE_BYTES, encoded.length - from)));
            if (batch.size() == BATCH_PIECES) {
                made().appendAll(batch);
                batch.clear();
            }
        }
        made().appendAll(batch);
    }

    /** Reads an entry together; empty if it has been cut off meanwhile. */
    Optional<byte[]> read(StoredEntry.InPieces entry) throws IOException {
        Log opened = log;
        if (opened == null) {
            return Optional.empty();
        }
        // Not allocated at once: the length is believed piece by piece.
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        for (int i = 0; i < entry.pieces(); i++) {
            Optional<LogRecord> piece = opened.read(entry.firstPiece() + i);
            if (piece.isEmpty()) {
                return Optional.empty();
            }
            ByteBuffer data = piece.get().data();
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            encoded.write(bytes);
        }
        if (encoded.size() != entry.encodedBytes()) {
            throw new IOException("pieces " + entry.firstPiece() + " to " + (entry.firstPiece() + entry.pieces() - 1)
                    + " in " + place + " hold " + encoded.size() + " bytes, expected " + entry.encodedBytes()
                    + ": they are not those that the entry had");
        }
        return Optional.of(encoded.toByteArray());
    }

    /** Lets go of everything before the first piece that is still needed. */
    void trimTo(OptionalLong firstInUse) throws IOException {
        Log opened = log;
        if (opened != null && opened.firstId().isPresent()) {
            long upTo = firstInUse.orElse(opened.nextId()) - 1;
            if (upTo >= opened.firstId().getAsLong()) {
                opened.trim(upTo);
            }
        }
    }

    private Log made() throws IOException {
        Log opened = log;
        if (opened == null) {
            opened = place.open();
            log = opened;
        }
        return opened;
    }

    void close() throws IOException {
        Log opened = log;
        if (opened != null) {
            opened.close();
        }
    }

    @Override
    public String toString() {
        Log opened = log;
        return opened == null ? "no large entries" : "large entries in " + opened;
    }
}
