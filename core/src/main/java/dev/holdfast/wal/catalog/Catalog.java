package dev.holdfast.wal.catalog;

import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.ids.TruncationHistory;
import dev.holdfast.wal.segment.Segment;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Content of a log: its segments, first id and end. Readers get the catalog by one volatile read and then need no lock:
 * only the end changes, and it only increases. Any other change creates a new catalog.
 */
public final class Catalog {
    private final Segment[] segments;
    private final long firstId;
    private final TruncationHistory history;
    private volatile long tailEnd;
    private volatile long lastId;

    /**
     * Creates a catalog of at least one segment, oldest first. The last one is the tail.
     *
     * @param firstId the oldest id, or the id after {@code lastId} if there is no record
     * @param lastId the newest acknowledged id
     * @param tailEnd end offset of the tail's immutable bytes
     */
    public Catalog(List<Segment> segments, long firstId, long lastId, long tailEnd, TruncationHistory history) {
        this.segments = segments.toArray(Segment[]::new);
        this.firstId = firstId;
        this.lastId = lastId;
        this.tailEnd = tailEnd;
        this.history = history;
    }

    /** Moves the end. Publishes the bytes before the id, so a reader that sees the id sees the bytes. */
    void advance(long newLastId, long newTailEnd) {
        tailEnd = newTailEnd; // seam: catalog-tail-end
        lastId = newLastId; // seam: catalog-last-id
    }

    /** Marks the segments that the next catalog does not have as removed: they are the oldest, the newest, or all. */
    void leave(Catalog next) {
        int first = 0;
        // No search, because a trim may remove tens of thousands of segments. A new first segment supersedes all
        // others.
        for (; first < segments.length && segments[first] != next.segments[0]; first++) {
            segments[first].removed();
        }
        for (int last = segments.length - 1;
                last > first && next.find(segments[last].baseId()) != segments[last];
                last--) {
            segments[last].removed();
        }
    }

    /** Returns the oldest id, unless {@link #isEmpty}. */
    public long firstId() {
        return firstId;
    }

    /** Returns the newest acknowledged id, or one less than {@link #firstId} if there is no record. */
    public long lastId() {
        return lastId;
    }

    public OptionalLong oldest() {
        return isEmpty() ? OptionalLong.empty() : OptionalLong.of(firstId);
    }

    public OptionalLong newest() {
        return newestUpTo(Long.MAX_VALUE);
    }

    /** Returns the newest acknowledged id that is at most {@code limit}; empty if there is none. */
    public OptionalLong newestUpTo(long limit) {
        long last = Math.min(lastId, limit);
        return last < firstId ? OptionalLong.empty() : OptionalLong.of(last);
    }

    /** Returns a builder for the figures of the log, filled from this catalog. */
    public LogStats.Builder stats(LogStats.State state) {
        long bytes = Arrays.stream(segments)
                .mapToLong(segment -> segment.header().fileLength())
                .sum();
        return LogStats.builder(oldest(), newest(), nextId(), state)
                .bytes(bytes)
                .segments(segments.length);
    }

    public long nextId() {
        return lastId + 1;
    }

    public boolean isEmpty() {
        return lastId < firstId;
    }

    /** Returns whether the log is empty and its next record must be {@link #nextId}. */
    public boolean isPinned() {
        return isEmpty() && tail().header().pinned() && lastId < tail().baseId();
    }

    public TruncationHistory history() {
        return history;
    }

    public Segment tail() {
        return segments[segments.length - 1];
    }

    /** Returns the segments, oldest first. */
    public List<Segment> segments() {
        return List.of(segments);
    }

    /** Returns the segment that holds an id, or that would hold the next id. */
    public Segment find(long id) {
        return segments[placeOf(id)];
    }

    /** Returns whether another catalog has a record in the same segment. The file of a listed segment is not reused. */
    public boolean isSameAt(long id, Catalog other) {
        return id >= other.firstId
                && id <= other.lastId
                && other.find(id).header().equals(find(id).header());
    }

    /** Returns the newest acknowledged id in a segment. */
    public long lastIdIn(Segment segment) {
        int next = placeOf(segment.baseId()) + 1;
        return next < segments.length ? segments[next].baseId() - 1 : lastId;
    }

    private int placeOf(long id) {
        int low = 0;
        int high = segments.length - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments[middle].baseId() <= id) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Returns the end offset of a segment's immutable bytes. */
    public long limit(Segment segment) {
        return segment == tail() ? tailEnd : segment.header().fileLength();
    }
}
