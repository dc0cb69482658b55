package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CorruptLogException;
import java.nio.ByteBuffer;

/**
 * Format of a record as an entry of a ledger. Integers are big-endian:
 *
 * <pre>
 * byte  0       0x20, or 0x21 if the record ends its batch
 * bytes 1..8    key of the log
 * bytes 9..16   number of the ledger
 * bytes 17..24  id of the record
 * bytes 25..    data of the record
 * </pre>
 *
 * <p>BookKeeper adds a checksum to each entry and verifies it. The key, the ledger number and the id could be derived
 * from the state of the log. Entries repeat these numbers so that a reader detects an entry of another log or of
 * another ledger before it returns the data.
 *
 * <p>Segments that are marked as unstamped in the state have entries of an older format, without key and ledger: byte 0
 * is 0x10 or 0x11, the id is at bytes 1..8, and the data begins at byte 9.
 */
final class Entry {
    static final int HEADER_BYTES = 1 + 3 * Long.BYTES;

    private static final byte IN_BATCH = 0x20;
    private static final byte END_OF_BATCH = 0x21;
    private static final int KEY_AT = 1;
    private static final int LEDGER_AT = KEY_AT + Long.BYTES;
    private static final int ID_AT = LEDGER_AT + Long.BYTES;

    private static final byte UNSTAMPED_IN_BATCH = 0x10;
    private static final byte UNSTAMPED_END_OF_BATCH = 0x11;
    private static final int UNSTAMPED_ID_AT = 1;
    private static final int UNSTAMPED_HEADER_BYTES = 1 + Long.BYTES;

    private Entry() {}

    /**
     * Returns a new entry with a copy of the remaining bytes of {@code data}. The caller must set the id with
     * {@link #number}, and the key and the ledger with {@link #stamp}.
     */
    static byte[] of(ByteBuffer data, boolean endOfBatch) {
        byte[] entry = new byte[HEADER_BYTES + data.remaining()];
        entry[0] = endOfBatch ? END_OF_BATCH : IN_BATCH;
        data.get(data.position(), entry, HEADER_BYTES, data.remaining());
        return entry;
    }

    static void number(byte[] entry, long id) {
        ByteBuffer.wrap(entry).putLong(ID_AT, id);
    }

    /**
     * Writes the key of the log and the number of the ledger into an entry. The entry must not have been sent before,
     * because the client may still be sending its bytes.
     */
    static void stamp(byte[] entry, long logKey, long ledgerId) {
        ByteBuffer.wrap(entry).putLong(KEY_AT, logKey).putLong(LEDGER_AT, ledgerId);
    }

    static boolean endsBatch(byte[] entry) {
        return entry[0] == END_OF_BATCH || entry[0] == UNSTAMPED_END_OF_BATCH;
    }

    /** Returns a read-only view of the record's data. */
    static ByteBuffer data(byte[] entry) {
        int header = isStamped(entry[0]) ? HEADER_BYTES : UNSTAMPED_HEADER_BYTES;
        return ByteBuffer.wrap(entry, header, entry.length - header).slice().asReadOnlyBuffer();
    }

    private static boolean isStamped(byte kind) {
        return kind == IN_BATCH || kind == END_OF_BATCH;
    }

    /** Checks that an entry is the record that belongs at its position in a segment. */
    static void check(byte[] entry, Segment segment, long id) throws CorruptLogException {
        boolean right = segment.logKey().isPresent()
                ? isRecord(entry, segment.logKey().getAsLong(), segment.ledgerId(), id)
                : isUnstampedRecord(entry, id);
        if (!right) {
            throw foreign(entry, segment, id);
        }
    }

    private static boolean isRecord(byte[] entry, long logKey, long ledgerId, long id) {
        ByteBuffer bytes = ByteBuffer.wrap(entry);
        return entry.length >= HEADER_BYTES
                && isStamped(entry[0])
                && bytes.getLong(KEY_AT) == logKey
                && bytes.getLong(LEDGER_AT) == ledgerId
                && bytes.getLong(ID_AT) == id;
    }

    private static boolean isUnstampedRecord(byte[] entry, long id) {
        return hasUnstampedHeader(entry) && ByteBuffer.wrap(entry).getLong(UNSTAMPED_ID_AT) == id;
    }

    private static boolean hasUnstampedHeader(byte[] entry) {
        return entry.length >= UNSTAMPED_HEADER_BYTES
                && (entry[0] == UNSTAMPED_IN_BATCH || entry[0] == UNSTAMPED_END_OF_BATCH);
    }

    private static CorruptLogException foreign(byte[] entry, Segment segment, long id) {
        String ledger = "ledger " + segment.ledgerId();
        long entryId = segment.entryOf(id);
        String expected = segment.logKey().isPresent()
                ? describe(segment.logKey().getAsLong(), segment.ledgerId(), id)
                : "record " + id;
        return new CorruptLogException(
                ledger + ", entry " + entryId + ": expected " + expected + ", found " + describe(entry)
                        + ". The bookies returned an entry that this log did not write there. Either the state of the log"
                        + " names a wrong ledger, or two clusters or two logs share bookies and use the same ledger numbers."
                        + " No record was skipped. Check which clusters these bookies serve, or trim or truncate the log to"
                        + " give up the record.",
                ledger,
                entryId,
                id,
                id);
    }

    private static String describe(long logKey, long ledgerId, long id) {
        return "record " + id + " of the log with key " + Long.toHexString(logKey) + " in ledger " + ledgerId;
    }

    private static String describe(byte[] entry) {
        ByteBuffer bytes = ByteBuffer.wrap(entry);
        if (entry.length >= HEADER_BYTES && isStamped(entry[0])) {
            return describe(bytes.getLong(KEY_AT), bytes.getLong(LEDGER_AT), bytes.getLong(ID_AT));
        }
        if (hasUnstampedHeader(entry)) {
            return "record " + bytes.getLong(UNSTAMPED_ID_AT) + " without the key of a log";
        }
        return "an entry that is not a record (" + entry.length + " bytes)";
    }
}
