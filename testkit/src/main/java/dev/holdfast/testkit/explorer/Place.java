package dev.holdfast.testkit.explorer;

/** Position of a cursor in the model. Determines the answer that the cursor's next call must give. */
sealed interface Place {
    /**
     * Position of a cursor that has returned no record: before the first record with an id of at least {@code startId}.
     */
    record Unresolved(long startId) implements Place {}

    /** After record {@code id}. */
    record After(long id) implements Place {}

    /** Position inside a removed range. The cursor's next call must report the removal. */
    record Removed() implements Place {}

    /**
     * Undetermined: any answer is accepted. The last returned record was trimmed, and a later removal may or may not
     * count as a trim.
     */
    record Unclear() implements Place {}

    static Place from(long startId) {
        return new Unresolved(startId);
    }

    /**
     * The expected answer of {@code next()}, and the cursor's position after that call.
     *
     * @param id id of the returned record; -1 if there is none
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

    /** Returns the position after a truncate. {@code before} is the contents before the truncate. */
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

    /** Returns the position after a trim. {@code now} is the contents after the trim. */
    default Place afterTrim(Contents now) {
        return this instanceof After after && after.id() + 1 < now.firstId() ? new Removed() : this;
    }

    /** Returns the position after a reset. {@code before} is the contents before the reset. */
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
