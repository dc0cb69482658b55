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
 * Stores entries that are larger than the maximum size of a record. Each of these entries is split into pieces, which
 * are records of a separate log. The log is created for the first large entry, so most log storages never have it. Any
 * thread may read; all other methods are confined to one thread at a time.
 */
final class Pieces {
    static final int PIECE_BYTES = LogRecord.MAX_DATA_BYTES;
    // Number of pieces per append. It bounds memory, because an append copies its whole batch into memory.
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
     * Returns the place at which an entry will be written if {@code ahead} pieces of other entries are written before
     * it.
     */
    StoredEntry.InPieces placeOf(byte[] encoded, long ahead) throws IOException {
        int count = (encoded.length + PIECE_BYTES - 1) / PIECE_BYTES;
        return new StoredEntry.InPieces(made().nextId() + ahead, count, encoded.length);
    }

    /**
     * Writes the pieces of an entry durably, at the place that {@link #placeOf} returned. If the write fails in the
     * middle, the pieces that were written stay unused, because no record in the log of entries refers to them.
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

    /** Reads the pieces of an entry and returns the encoded entry, or empty if a piece has been removed meanwhile. */
    Optional<byte[]> read(StoredEntry.InPieces entry) throws IOException {
        Log opened = log;
        if (opened == null) {
            return Optional.empty();
        }
        // The buffer grows piece by piece, because the recorded length may be wrong and is not yet checked.
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
                    + ": they are not the pieces of this entry");
        }
        return Optional.of(encoded.toByteArray());
    }

    /** Removes all pieces before the first piece in use. */
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
