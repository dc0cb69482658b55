package dev.holdfast.testkit.explorer;

/** What a cursor has to show next, by the rules for cursors alone. */
sealed interface Place {
    /** The first record from {@code startId} on. */
    record Unresolved(long startId) implements Place {}

    /** The record after {@code id}. */
    record After(long id) implements Place {}

    /** That its records have been removed. */
    record Removed() implements Place {}

    /**
     * Anything: it has shown the last record that was trimmed, and what followed went in a way that counts as a trim or
     * not.
     */
    record Unclear() implements Place {}

    static Place from(long startId) {
        return new Unresolved(startId);
    }

    /**
     * The answer of {@code next()}, and where the cursor is after it.
     *
     * @param id of the record shown; -1 if none is
     */
    record Due(long id, Place after) {
        String answer(Contents contents) {
            if (after instanceof Removed) {
                return "RecordsRemovedException";
            }
            return id < 0 ? "none" : id + "=" + contents.record(id).digest();
        }
    }

    default Due due(Contents contents) {
        if (this instanceof Removed) {
            return new Due(-1, this);
        }
        long id = this instanceof After after
                ? after.id() + 1
                : Math.max(((Unresolved) this).startId(), contents.firstId());
        return contents.holds(id) ? new Due(id, new After(id)) : new Due(-1, this);
    }

    default boolean isRemoved() {
        return this instanceof Removed;
    }

    default boolean isUnclear() {
        return this instanceof Unclear;
    }

    /** Given what the log held before. */
    default Place afterTruncate(Contents before, long lastToKeep) {
        if (this instanceof After after && !before.isEmpty() && lastToKeep < before.lastId()) {
            if (after.id() >= Math.max(lastToKeep + 1, before.firstId())) {
                return new Removed();
            }
            if (lastToKeep < before.firstId()) {
                return new Unclear();
            }
        }
        return this;
    }

    /** Given what the log holds now. */
    default Place afterTrim(Contents now) {
        return this instanceof After after && after.id() + 1 < now.firstId() ? new Removed() : this;
    }

    /** Given what the log held before. */
    default Place afterReset(Contents before) {
        if (this instanceof After) {
            return before.isEmpty() ? new Unclear() : new Removed();
        }
        return this;
    }

    default Place afterAStartElsewhere() {
        return this instanceof After ? new Removed() : this;
    }
}
