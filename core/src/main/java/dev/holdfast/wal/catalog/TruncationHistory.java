package dev.holdfast.wal.catalog;

import java.util.Arrays;

/**
 * Tells a cursor whether a truncation removed its record. Holds the number of truncations, and for some of them the
 * last record kept. A truncation is forgotten when a later truncation keeps no more records, because the later one
 * removes everything that the earlier one removed. The remembered limits therefore increase. Immutable.
 */
public final class TruncationHistory {
    /** History without truncations. */
    public static final TruncationHistory NONE = new TruncationHistory(0, new long[0], new long[0]);

    /**
     * Maximum number of remembered truncations. Beyond it, the second oldest takes over the limit of the oldest, so a
     * cursor that has not moved since then may report an existing record as removed.
     */
    private static final int MAX_KEPT = 1024;

    private final long count;
    private final long[] at;
    private final long[] kept;

    private TruncationHistory(long count, long[] at, long[] kept) {
        this.count = count;
        this.at = at;
        this.kept = kept;
    }

    /** Returns the number of truncations. */
    public long count() {
        return count;
    }

    /** Returns this history with one more truncation, which kept ids up to {@code lastKept}; -1 if it kept none. */
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

    /** Returns whether a record that existed when {@link #count} was {@code since} has been truncated. */
    public boolean removed(long id, long since) {
        if (since == count) {
            return false;
        }
        for (int i = 0; i < at.length; i++) {
            if (at[i] > since) {
                return kept[i] < id;
            }
        }
        throw new AssertionError("truncation " + count + " is missing in the history");
    }
}
