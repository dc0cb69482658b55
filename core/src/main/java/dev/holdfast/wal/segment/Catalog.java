package dev.holdfast.wal.segment;

import dev.holdfast.wal.LogStats;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a log holds: its segments, its first id, and how far it has grown. Readers take it in one volatile read and then
 * need no lock: everything but the end is final, and the end only rises. Whatever else changes makes a new catalog.
 */
public final class Catalog {
    private final Segment[] segments;
    private final long firstId;
    private final boolean pinned;
    private final TruncationHistory history;
    private volatile long tailEnd;
    private volatile long lastId;

    /**
     * A catalog.
     *
     * @param segments oldest first, at least one; the last one is the tail
     * @param firstId the oldest id, if there is a record at all
     * @param lastId the newest acknowledged id; one less than {@code firstId} if there is no record
     * @param tailEnd where the bytes of the tail end that will not change any more
     * @param pinned whether the first record must be {@code firstId}
     */
    public Catalog(
            List<Segment> segments,
            long firstId,
            long lastId,
            long tailEnd,
            boolean pinned,
            TruncationHistory history) {
        this.segments = segments.toArray(Segment[]::new);
        this.firstId = firstId;
        this.lastId = lastId;
        this.tailEnd = tailEnd;
        this.pinned = pinned;
        this.history = history;
    }

    /** The end has moved. The bytes are published before the id: who sees the id sees the bytes. */
    void advance(long newLastId, long newTailEnd) {
        tailEnd = newTailEnd;
        lastId = newLastId;
    }

    /** Another catalog is shown instead: segments that it has not are gone. */
    void leave(Catalog next) {
        if (Arrays.equals(segments, next.segments)) {
            return;
        }
        for (Segment segment : segments) {
            if (next.find(segment.baseId()) != segment) {
                segment.removed();
            }
        }
    }

    /** The oldest id, if {@link #isEmpty} is false. */
    public long firstId() {
        return firstId;
    }

    /** The newest acknowledged id; one less than {@link #firstId} if there is no record. */
    public long lastId() {
        return lastId;
    }

    /** The oldest id; empty if there is no record. */
    public OptionalLong oldest() {
        return isEmpty() ? OptionalLong.empty() : OptionalLong.of(firstId);
    }

    /** The newest acknowledged id; empty if there is no record. */
    public OptionalLong newest() {
        return newestUpTo(Long.MAX_VALUE);
    }

    /** Returns the newest acknowledged id that is at most {@code limit}; empty if there is none. */
    public OptionalLong newestUpTo(long limit) {
        long last = Math.min(lastId, limit);
        return last < firstId ? OptionalLong.empty() : OptionalLong.of(last);
    }

    /** Starts the figures of the log with this catalog. */
    public LogStats.Builder stats(LogStats.State state) {
        long bytes = Arrays.stream(segments)
                .mapToLong(segment -> segment.header().fileLength())
                .sum();
        return LogStats.builder(oldest(), newest(), nextId(), state)
                .bytes(bytes)
                .segments(segments.length);
    }

    /** The id after the newest. */
    public long nextId() {
        return lastId + 1;
    }

    public boolean isEmpty() {
        return lastId < firstId;
    }

    /** Whether the log is empty and its next record must be {@link #nextId}. */
    public boolean isPinned() {
        return pinned && isEmpty();
    }

    public TruncationHistory history() {
        return history;
    }

    public Segment tail() {
        return segments[segments.length - 1];
    }

    /** The segments, oldest first. */
    public List<Segment> segments() {
        return List.of(segments);
    }

    /** The segment that holds an id that is there, or would be there next. */
    public Segment find(long id) {
        return segments[placeOf(id)];
    }

    /**
     * Whether another catalog has a record in the segment in which this one has it. A segment that is listed has not
     * been used again.
     */
    public boolean isSameAt(long id, Catalog other) {
        return id >= other.firstId
                && id <= other.lastId
                && other.find(id).header().equals(find(id).header());
    }

    /** The newest acknowledged id in a segment. */
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

    /** Where the bytes of a segment end that will not change any more. */
    public long limit(Segment segment) {
        return segment == tail() ? tailEnd : segment.header().fileLength();
    }
}
