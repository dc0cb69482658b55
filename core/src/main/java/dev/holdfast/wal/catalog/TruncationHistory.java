package dev.holdfast.wal.catalog;

import java.util.ArrayList;
import java.util.List;

/**
 * Tells a cursor whether a truncation removed its record. Holds the number of truncations, and for some of them the
 * last record kept. A truncation is forgotten when a later truncation keeps no more records, because the later one
 * removes everything that the earlier one removed. The remembered limits therefore increase. Immutable.
 */
public final class TruncationHistory {
    public static final TruncationHistory NONE = new TruncationHistory(0, List.of());

    /**
     * Maximum number of remembered truncations. Beyond it, the second oldest takes over the limit of the oldest, so a
     * cursor that has not moved since then may report an existing record as removed.
     */
    private static final int MAX_KEPT = 1024;

    private final long count;
    private final List<Truncation> remembered;

    /** The truncation with this number, which kept ids up to {@code lastKept}; -1 if it kept none. */
    private record Truncation(long number, long lastKept) {}

    private TruncationHistory(long count, List<Truncation> remembered) {
        this.count = count;
        this.remembered = remembered;
    }

    public long count() {
        return count;
    }

    /** Returns this history with one more truncation, which kept ids up to {@code lastKept}; -1 if it kept none. */
    public TruncationHistory and(long lastKept) {
        int stay = remembered.size();
        while (stay > 0 && remembered.get(stay - 1).lastKept() >= lastKept) {
            stay--;
        }
        List<Truncation> next = new ArrayList<>(remembered.subList(0, stay));
        next.add(new Truncation(count + 1, lastKept));
        if (next.size() > MAX_KEPT) {
            long limit = next.remove(0).lastKept();
            next.set(0, new Truncation(next.get(0).number(), limit));
        }
        return new TruncationHistory(count + 1, next);
    }

    /** Returns whether a record that existed when {@link #count} was {@code since} has been truncated. */
    public boolean removed(long id, long since) {
        if (since == count) return false;
        for (Truncation truncation : remembered) {
            if (truncation.number() > since) return truncation.lastKept() < id;
        }
        throw new AssertionError("truncation " + count + " is missing in the history");
    }
}
