package dev.holdfast.wal.ids;

import static java.util.Objects.requireNonNull;

import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Tells a cursor whether a truncation removed its record. Holds the number of truncations, and for some of them the
 * last record kept. A truncation is forgotten when a later truncation keeps no more records, because the later one
 * removes everything that the earlier one removed. The remembered limits therefore increase. Immutable.
 *
 * @param count the number of truncations
 * @param lastKept the last kept id of each remembered truncation by its number; -1 if the truncation kept none
 */
public record TruncationHistory(long count, NavigableMap<Long, Long> lastKept) {
    public static final TruncationHistory NONE = new TruncationHistory(0, new TreeMap<>());

    /**
     * Maximum number of remembered truncations. Beyond it, the second oldest takes over the limit of the oldest, so a
     * cursor that has not moved since then may report an existing record as removed.
     */
    private static final int MAX_KEPT = 1024;

    /** Returns this history with one more truncation, which kept ids up to {@code kept}; -1 if it kept none. */
    public TruncationHistory and(long kept) {
        NavigableMap<Long, Long> next = new TreeMap<>(lastKept);
        next.values().removeIf(earlier -> earlier >= kept);
        next.put(count + 1, kept);
        if (next.size() > MAX_KEPT) {
            long limit = requireNonNull(next.pollFirstEntry()).getValue();
            next.put(next.firstKey(), limit);
        }
        return new TruncationHistory(count + 1, next);
    }

    /** Returns whether a record that existed when {@link #count} was {@code since} has been truncated. */
    public boolean removed(long id, long since) {
        if (since == count) return false;
        return requireNonNull(lastKept.higherEntry(since)).getValue() < id;
    }
}
