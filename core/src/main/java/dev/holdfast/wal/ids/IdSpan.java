package dev.holdfast.wal.ids;

import java.util.OptionalLong;

/**
 * The ids that a log holds, from {@link #first()} to {@link #next()} - 1, and the effect of each operation on them.
 * Each row is an example of its own, applied to a log that holds 1 to 10:
 *
 * <pre>
 * operation            holds    next id   accepted first id of an explicit append
 * truncate(5)          1 to 5   6         6
 * truncate(0)          none     1         any id
 * trim(4)              5 to 10  11        11
 * trim(10), trim(100)  none     11        any id
 * reset(50)            none     50        only 50: the reset has pinned the next id
 * </pre>
 *
 * <p>A new log holds no ids, its next id is 1, and it accepts any id. Checks and changes are separate methods, so a
 * caller can check, write, and then apply. {@link #append} allocates nothing. Mutable and not thread-safe.
 */
public final class IdSpan {
    /** Maximum id of a record. Only {@link #next()} can be one more, {@code Long.MAX_VALUE}. */
    public static final long MAX_ID = Long.MAX_VALUE - 1;

    private long first;
    private long next;
    private boolean pinned;

    public IdSpan() {
        this(1, 1);
    }

    /**
     * Creates the ids {@code first} to {@code next - 1}; none if the two are equal.
     *
     * @throws IllegalArgumentException unless {@code 0 <= first <= next}
     */
    public IdSpan(long first, long next) {
        set(first, next);
    }

    public IdSpan copy() {
        IdSpan copy = new IdSpan(first, next);
        copy.pinned = pinned;
        return copy;
    }

    public void set(long newFirst, long newNext) {
        if (newFirst < 0 || newNext < newFirst) throw impossible(newFirst, newNext, "");
        first = newFirst;
        next = newNext;
        pinned = false;
    }

    /**
     * Pins the next id: the next record must be {@link #next()}, as after {@link #reset}.
     *
     * @throws IllegalArgumentException if the span is not empty
     */
    public void pin() {
        if (!isEmpty()) throw impossible(first, next, ", pinned");
        pinned = true;
    }

    private static IllegalArgumentException impossible(long first, long next, String pinned) {
        return new IllegalArgumentException(
                "no log can hold the ids from " + first + " up to but not including " + next + pinned);
    }

    /** Returns the oldest id, or {@link #next()} if the log holds none. */
    public long first() {
        return first;
    }

    /** Returns the id that the next append with assigned ids receives. */
    public long next() {
        return next;
    }

    public boolean isEmpty() {
        return first == next;
    }

    /** Returns whether the log is empty and its next record must be {@link #next()}, as after {@link #reset}. */
    public boolean pinned() {
        return pinned;
    }

    public OptionalLong firstId() {
        return isEmpty() ? OptionalLong.empty() : OptionalLong.of(first);
    }

    public OptionalLong lastId() {
        return isEmpty() ? OptionalLong.empty() : OptionalLong.of(next - 1);
    }

    /** Checks the argument of a read: throws {@link IllegalArgumentException} if the id is negative. */
    public static void checkReadableId(long id) {
        if (id < 0) throw new IllegalArgumentException("id to read from must be >= 0, was " + id);
    }

    /**
     * Checks an append of {@code count} records, at least 1.
     *
     * @param explicitId the id of the first record; empty if the log assigns the ids
     * @return the id of the first record
     * @throws IllegalArgumentException if an explicit id is out of order or negative, or if the last id would be above
     *     {@link #MAX_ID}
     */
    public long checkAppend(OptionalLong explicitId, long count) {
        long id = explicitId.orElse(next);
        if (id != next && (pinned || !isEmpty())) {
            throw new IllegalArgumentException("record id must be " + next
                    + (pinned ? ", to which the log was reset" : ", the id after the last record") + ", was " + id);
        }
        if (id < 0) throw new IllegalArgumentException("record id must be >= 0, was " + id);
        if (count > Long.MAX_VALUE - id) {
            throw new IllegalArgumentException("record ids must be <= " + MAX_ID + ": from id " + id
                    + " on there is room for " + (Long.MAX_VALUE - id) + " records, not for " + count);
        }
        return id;
    }

    /** Returns whether an append at {@code id} to an empty log would not start at the next id. */
    public boolean startsElsewhere(long id) {
        return isEmpty() && id != next;
    }

    /** Applies an append of at least 1 record that {@link #checkAppend} accepted. */
    public void append(long firstRecordId, long count) {
        if (isEmpty()) {
            first = firstRecordId;
            pinned = false;
        }
        next = firstRecordId + count;
    }

    /**
     * Removes the ids greater than {@code lastToKeep}, and lowers {@link #next()} to the smallest removed id.
     *
     * @return whether an id was removed
     * @throws IllegalArgumentException if {@code lastToKeep} is less than -1
     */
    public boolean truncate(long lastToKeep) {
        checkLimit("last id to keep", lastToKeep);
        if (isEmpty() || lastToKeep >= next - 1) return false;
        next = Math.max(lastToKeep + 1, first);
        return true;
    }

    /**
     * Removes the ids up to and including {@code discardUpTo}, and raises {@link #first()} above the last removed id.
     *
     * @return whether an id was removed
     * @throws IllegalArgumentException if {@code discardUpTo} is less than -1
     */
    public boolean trim(long discardUpTo) {
        checkLimit("id to discard up to", discardUpTo);
        if (isEmpty() || discardUpTo < first) return false;
        first = Math.min(discardUpTo, next - 1) + 1;
        return true;
    }

    private static void checkLimit(String name, long id) {
        if (id < -1) throw new IllegalArgumentException(name + " must be >= -1, was " + id);
    }

    /**
     * Removes all ids and pins the next one.
     *
     * @throws IllegalArgumentException if {@code nextId} is negative or above {@link #MAX_ID}
     */
    public void reset(long nextId) {
        if (nextId < 0 || nextId > MAX_ID) {
            throw new IllegalArgumentException("next id must be between 0 and " + MAX_ID + ", was " + nextId);
        }
        set(nextId, nextId);
        pin();
    }
}
