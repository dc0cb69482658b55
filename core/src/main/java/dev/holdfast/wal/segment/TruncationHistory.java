package dev.holdfast.wal.segment;

import java.util.Arrays;

/**
 * Which records truncations have removed, for cursors that stood on them: a count of the truncations so far, and for
 * some of them what they kept. A truncation is forgotten once a later one has kept no more, since that one removed all
 * that it did; so what is kept rises, and the first one after a moment kept the least of all since. Immutable.
 */
public final class TruncationHistory {
    /** No truncation yet. */
    public static final TruncationHistory NONE = new TruncationHistory(0, new long[0], new long[0]);

    // Beyond this the two oldest are taken for one. Only a cursor that has been still for as many truncations, none of
    // which
    // undid another, could notice: it may be told that a record was removed which was not.
    private static final int MAX_KEPT = 1024;

    private final long count;
    private final long[] at;
    private final long[] kept;

    private TruncationHistory(long count, long[] at, long[] kept) {
        this.count = count;
        this.at = at;
        this.kept = kept;
    }

    /** How many truncations there were. */
    public long count() {
        return count;
    }

    /** One truncation more, that kept ids up to {@code lastKept}; -1 if it kept none. */
    public TruncationHistory and(long lastKept) {
        int stay = at.length;
        while (stay > 0 && kept[stay - 1] >= lastKept) {
            stay--;
        }
        long[] nextAt = Arrays.copyOf(at, stay + 1);
        long[] nextKept = Arrays.copyOf(kept, stay + 1);
        nextAt[stay] = count + 1;
        nextKept[stay] = lastKept;
        if (stay + 1 > MAX_KEPT) {
            nextKept[1] = nextKept[0];
            nextAt = Arrays.copyOfRange(nextAt, 1, stay + 1);
            nextKept = Arrays.copyOfRange(nextKept, 1, stay + 1);
        }
        return new TruncationHistory(count + 1, nextAt, nextKept);
    }

    /** Whether a record that was there when {@link #count} was {@code since} has been truncated. */
    public boolean removed(long id, long since) {
        if (since == count) {
            return false;
        }
        for (int i = 0; i < at.length; i++) {
            if (at[i] > since) {
                return kept[i] < id;
            }
        }
        throw new AssertionError("truncation " + count + " is not on record");
    }
}
