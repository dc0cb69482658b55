package dev.holdfast.testkit.explorer;

import java.util.ArrayList;
import java.util.List;

/**
 * The explorer's own model of the contents of a log. The model implements the contract's rules for ids and shares no
 * code with the log. Immutable; compared by identity.
 */
final class Contents {
    /**
     * Constraint on the id of an explicit append to an empty log: any id (free), only {@link #nextId} (pinned), or
     * unknown.
     */
    enum Pin {
        FREE,
        PINNED,
        /** Free or pinned: a crash has left two possible outcomes that only an explicit append can distinguish. */
        UNKNOWN
    }

    private final long firstId;
    private final List<Payload> records;
    private final long nextId;
    private final Pin pin;
    private long digest;

    private Contents(long firstId, List<Payload> records, long nextId, Pin pin) {
        this.firstId = firstId;
        this.records = records;
        this.nextId = nextId;
        this.pin = pin;
    }

    /** The contents of a new log. */
    static final Contents NEW = empty(1, Pin.FREE);

    private static Contents empty(long nextId, Pin pin) {
        return new Contents(nextId, List.of(), nextId, pin);
    }

    /** Returns the id of the oldest record, or {@link #nextId} if there are no records. */
    long firstId() {
        return firstId;
    }

    /** Returns the records, oldest first. */
    List<Payload> records() {
        return records;
    }

    /** Returns the id that the next append without an explicit id receives. */
    long nextId() {
        return nextId;
    }

    Pin pin() {
        return pin;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    long lastId() {
        return nextId - 1;
    }

    /** Returns the data of a record that the log holds. */
    Payload record(long id) {
        return records.get((int) (id - firstId));
    }

    boolean holds(long id) {
        return id >= firstId && id < firstId + records.size();
    }

    Contents append(List<Payload> batch) {
        List<Payload> all = new ArrayList<>(records.size() + batch.size());
        all.addAll(records);
        all.addAll(batch);
        return new Contents(isEmpty() ? nextId : firstId, all, nextId + batch.size(), Pin.FREE);
    }

    /** Returns the contents of an empty log directly before an explicit append at {@code id}. */
    Contents jump(long id) {
        return empty(id, Pin.FREE);
    }

    Contents truncate(long lastToKeep) {
        if (isEmpty() || lastToKeep >= lastId()) {
            return this;
        }
        if (lastToKeep < firstId) {
            return empty(Math.max(lastToKeep + 1, firstId), Pin.FREE);
        }
        return new Contents(firstId, records.subList(0, (int) (lastToKeep + 1 - firstId)), lastToKeep + 1, Pin.FREE);
    }

    Contents trim(long discardUpTo) {
        if (isEmpty() || discardUpTo < firstId) {
            return this;
        }
        if (discardUpTo >= lastId()) {
            return empty(nextId, Pin.FREE);
        }
        return new Contents(
                discardUpTo + 1, records.subList((int) (discardUpTo + 1 - firstId), records.size()), nextId, Pin.FREE);
    }

    Contents reset(long newNextId) {
        return empty(newNextId, Pin.PINNED);
    }

    /**
     * Returns whether the log accepts an explicit append at this id. Returns false if the log refuses it, or if this is
     * unknown because a crash has left two possible outcomes.
     */
    boolean accepts(long id) {
        return id == nextId || (isEmpty() && pin == Pin.FREE);
    }

    Contents withUnknownPin() {
        return new Contents(firstId, records, nextId, Pin.UNKNOWN);
    }

    /** Returns a hash of the contents, computed once. */
    long digest() {
        long known = digest;
        if (known == 0) {
            known = Mix.of(isEmpty() ? -1 : firstId, nextId * 4 + (pin == Pin.FREE ? 0 : pin == Pin.PINNED ? 1 : 2));
            for (Payload payload : records) {
                known = Mix.of(known, payload.digest());
            }
            digest = known;
        }
        return known;
    }

    @Override
    public String toString() {
        String records = isEmpty() ? "no records" : "records " + firstId + " to " + lastId();
        return records + ", next id " + nextId + (pin == Pin.FREE ? "" : " (" + pin + ")");
    }
}
