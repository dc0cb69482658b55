package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CorruptLogException;
import java.nio.ByteBuffer;

/**
 * A record as an entry of a ledger: one byte that says what follows and whether this ends a batch, the record's id in 8 bytes, big-endian, and its data.
 * BookKeeper adds a checksum to each entry and checks it. The id follows from the ledger and the place in it; it is there so that a
 * state which names a wrong ledger is found out.
 */
final class Entry {
    static final int HEADER_BYTES = 1 + Long.BYTES;

    private static final byte IN_BATCH = 0x10;
    private static final byte END_OF_BATCH = 0x11;

    private Entry() {}

    /** A copy of what remains of {@code data}, without its id yet. */
    static byte[] of(ByteBuffer data, boolean endOfBatch) {
        byte[] entry = new byte[HEADER_BYTES + data.remaining()];
        entry[0] = endOfBatch ? END_OF_BATCH : IN_BATCH;
        data.get(data.position(), entry, HEADER_BYTES, data.remaining());
        return entry;
    }

    static void number(byte[] entry, long id) {
        ByteBuffer.wrap(entry).putLong(1, id);
    }

    static boolean endsBatch(byte[] entry) {
        return entry[0] == END_OF_BATCH;
    }

    /** A read-only view of the record's bytes. */
    static ByteBuffer data(byte[] entry) {
        return ByteBuffer.wrap(entry, HEADER_BYTES, entry.length - HEADER_BYTES)
                .slice()
                .asReadOnlyBuffer();
    }

    /** Checks that an entry is the record that its place says. */
    static void check(byte[] entry, long ledgerId, long entryId, long id) throws CorruptLogException {
        boolean known = entry.length >= HEADER_BYTES && (entry[0] == IN_BATCH || entry[0] == END_OF_BATCH);
        long found = known ? ByteBuffer.wrap(entry).getLong(1) : -1;
        if (found != id) {
            throw new CorruptLogException(
                    "ledger " + ledgerId + ", entry " + entryId + ": expected record " + id + ", found "
                            + (known ? "record " + found : "no record (" + entry.length + " bytes)")
                            + ". Either the state of the log names a wrong ledger, or somebody else writes to it.",
                    "ledger " + ledgerId,
                    entryId,
                    id,
                    id);
        }
    }
}
