package dev.holdfast.bookkeeper;

import java.util.List;
import java.util.OptionalLong;

/**
 * What readers see at one moment: the records from {@code firstId} up to but not including {@code nextId}, and in which
 * ledgers they are. Immutable; two views are the same only if they are one.
 */
final class View {
    private final long firstId;
    private final long nextId;
    private final List<Segment> segments;
    private final Truncation newestTruncation;

    /**
     * A view.
     *
     * @param segments cover all of these ids, and maybe more
     * @param newestTruncation the last of the removals that cursors have to hear of
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

    /** Whether another view shows the same. */
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

    /** The segment of a record that is held. */
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

    /** The last id that is held and in this segment. */
    long lastIdIn(Segment segment) {
        return Math.min(segment.lastId().orElse(nextId - 1), nextId - 1);
    }

    long bytes() {
        return segments.stream().mapToLong(Segment::bytes).sum();
    }
}
