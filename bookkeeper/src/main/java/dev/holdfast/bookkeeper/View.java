package dev.holdfast.bookkeeper;

import java.util.List;
import java.util.OptionalLong;

/**
 * The content of a log that readers see at one moment: the records from {@code firstId} up to but not including
 * {@code nextId}, and the ledgers that contain these records. Immutable. Readers compare views by reference; there is
 * no {@code equals}.
 */
final class View {
    private final long firstId;
    private final long nextId;
    private final List<Segment> segments;
    private final Truncation newestTruncation;

    /**
     * Creates a view.
     *
     * @param segments segments that cover all ids of the view, and possibly more
     * @param newestTruncation the last truncation of the log; cursors must notice it
     */
    View(long firstId, long nextId, List<Segment> segments, Truncation newestTruncation) {
        this.firstId = firstId;
        this.nextId = nextId;
        this.segments = segments;
        this.newestTruncation = newestTruncation;
    }

    long firstId() {
        return firstId;
    }

    long nextId() {
        return nextId;
    }

    List<Segment> segments() {
        return segments;
    }

    Truncation newestTruncation() {
        return newestTruncation;
    }

    /** Returns whether another view has the same records in the same ledgers. */
    boolean isSameAs(View other) {
        return firstId == other.firstId && nextId == other.nextId && segments.equals(other.segments);
    }

    boolean isEmpty() {
        return firstId == nextId;
    }

    boolean holds(long id) {
        return firstId <= id && id < nextId;
    }

    OptionalLong first() {
        return isEmpty() ? OptionalLong.empty() : OptionalLong.of(firstId);
    }

    OptionalLong last() {
        return isEmpty() ? OptionalLong.empty() : OptionalLong.of(nextId - 1);
    }

    /** Returns the segment that contains a record. The record must be in this view. */
    Segment segmentOf(long id) {
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).firstId() <= id) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return segments.get(low);
    }

    /** Returns the last id of this view in a segment. */
    long lastIdIn(Segment segment) {
        return Math.min(segment.lastId().orElse(nextId - 1), nextId - 1);
    }

    long bytes() {
        return segments.stream().mapToLong(Segment::bytes).sum();
    }
}
