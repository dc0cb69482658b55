package dev.holdfast.bookkeeper;

import java.util.OptionalLong;

/**
 * A ledger of a log: the record with id {@code firstId + n} is its entry {@code n}.
 *
 * @param lastId empty while the ledger is the one that is written; it may hold more than a sealed segment shows of it
 * @param bytes what a sealed ledger holds, in bytes; 0 while it is written
 * @param recovered whether somebody else than its writer has sealed it: that writer may still have it open, and its
 *     fence is what stops it, so that the ledger outlives its records
 * @param logKey what each entry says of its log; empty if the ledger was made by a version whose entries say nothing
 */
record Segment(long ledgerId, long firstId, OptionalLong lastId, long bytes, boolean recovered, OptionalLong logKey) {
    Segment {
        if (ledgerId < 0
                || firstId < 0
                || bytes < 0
                || (lastId.isEmpty() && recovered)
                || (lastId.isPresent() && (lastId.getAsLong() < firstId || lastId.getAsLong() == Long.MAX_VALUE))) {
            throw new IllegalArgumentException("no ledger " + ledgerId + " can hold the ids from " + firstId + " to "
                    + lastId + " in " + bytes + " bytes" + (recovered ? ", recovered" : ""));
        }
    }

    static Segment open(long ledgerId, long firstId, OptionalLong logKey) {
        return new Segment(ledgerId, firstId, OptionalLong.empty(), 0, false, logKey);
    }

    /** This segment with another end, sealed by its writer unless it was sealed by somebody else before. */
    Segment sealed(long newLastId, long newBytes) {
        return new Segment(ledgerId, firstId, OptionalLong.of(newLastId), newBytes, recovered, logKey);
    }

    /** This segment, sealed by somebody else than its writer. */
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
