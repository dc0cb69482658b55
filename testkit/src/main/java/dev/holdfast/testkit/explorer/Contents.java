package dev.holdfast.testkit.explorer;

import java.util.ArrayList;
import java.util.List;

/**
 * What a log holds, by the table of ids and nothing else: the explorer's own idea of it, which shares no code with the log.
 * Immutable; compared by identity.
 */
final class Contents {
    private final long firstId;
    private final List<Payload> records;
    private final long nextId;
    private final boolean pinned;
    private long digest;

    private Contents(long firstId, List<Payload> records, long nextId, boolean pinned) {
        this.firstId = firstId;
        this.records = records;
        this.nextId = nextId;
        this.pinned = pinned;
    }

    /** What a new log holds. */
    static final Contents NEW = empty(1, false);

    private static Contents empty(long nextId, boolean pinned) {
        return new Contents(nextId, List.of(), nextId, pinned);
    }

    /** The oldest record's id; where there are no records, {@link #nextId}. */
    long firstId() {
        return firstId;
    }

    /** The records, oldest first. */
    List<Payload> records() {
        return records;
    }

    /** The id an assigned append gets. */
    long nextId() {
        return nextId;
    }

    /** Whether {@link #nextId} is the only id that an explicit append may have although there are no records. */
    boolean pinned() {
        return pinned;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    long lastId() {
        return nextId - 1;
    }

    /** The data of a record that the log holds. */
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
        return new Contents(isEmpty() ? nextId : firstId, all, nextId + batch.size(), false);
    }

    /** What the first explicit id of a log without records does. */
    Contents jump(long id) {
        return empty(id, false);
    }

    Contents truncate(long lastToKeep) {
        if (isEmpty() || lastToKeep >= lastId()) {
            return this;
        }
        if (lastToKeep < firstId) {
            return empty(Math.max(lastToKeep + 1, firstId), false);
        }
        return new Contents(firstId, records.subList(0, (int) (lastToKeep + 1 - firstId)), lastToKeep + 1, false);
    }

    Contents trim(long discardUpTo) {
        if (isEmpty() || discardUpTo < firstId) {
            return this;
        }
        if (discardUpTo >= lastId()) {
            return empty(nextId, false);
        }
        return new Contents(
                discardUpTo + 1, records.subList((int) (discardUpTo + 1 - firstId), records.size()), nextId, false);
    }

    Contents reset(long newNextId) {
        return empty(newNextId, true);
    }

    /** Whether an explicit append may begin with this id. */
    boolean accepts(long id) {
        return id == nextId || (isEmpty() && !pinned);
    }

    /** A number that tells different contents apart. Computed once. */
    long digest() {
        long known = digest;
        if (known == 0) {
            known = Mix.of(isEmpty() ? -1 : firstId, nextId * 2 + (pinned ? 1 : 0));
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
        return records + ", next id " + nextId + (pinned ? " (pinned)" : "");
    }
}
