package dev.holdfast.bookkeeper;

import java.util.OptionalLong;

/**
 * A segment of a log: one ledger. The record with id {@code firstId + n} is entry {@code n} of the ledger.
 *
 * @param lastId id of the last record; empty while the ledger is written. The ledger of a sealed segment may contain
 *     further entries, which do not belong to the log
 * @param bytes size of a sealed ledger in bytes; 0 while the ledger is written
 * @param recovered whether recovery by a later owner sealed the ledger, and not its writer. The writer may still have
 *     the ledger open, and only the ledger's fence stops the writer. The ledger is therefore kept even after its
 *     records are removed
 * @param logKey the log key in each entry; empty if the ledger was written by a version whose entries have no key
 */
record Segment(long ledgerId, long firstId, OptionalLong lastId, long bytes, boolean recovered, OptionalLong logKey) {
    Segment {
        if (ledgerId < 0
                || firstId < 0
                || bytes < 0
                || (lastId.isEmpty() && recovered)
                || (lastId.isPresent() && (lastId.getAsLong() < firstId || lastId.getAsLong() == Long.MAX_VALUE))) {
            throw new IllegalArgumentException("ledger " + ledgerId + " cannot hold the ids from " + firstId + " to "
                    + lastId + " in " + bytes + " bytes" + (recovered ? ", recovered" : ""));
        }
    }

    static Segment open(long ledgerId, long firstId, OptionalLong logKey) {
        return new Segment(ledgerId, firstId, OptionalLong.empty(), 0, false, logKey);
    }

    /**
     * Returns this segment, sealed with a new last id. If recovery had sealed the segment, it stays marked as
     * recovered.
     */
    Segment sealed(long newLastId, long newBytes) {
        return new Segment(ledgerId, firstId, OptionalLong.of(newLastId), newBytes, recovered, logKey);
    }

    /** Returns this segment, sealed and marked as recovered: a later owner sealed it, and not its writer. */
    Segment recovered(long newLastId, long newBytes) {
        return new Segment(ledgerId, firstId, OptionalLong.of(newLastId), newBytes, true, logKey);
    }

    boolean isOpen() {
        return lastId.isEmpty();
    }

    long entryOf(long id) {
        return id - firstId;
    }
}
