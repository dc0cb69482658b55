package dev.holdfast.wal.recovery;

/** What broken bytes at the end of a log mean. */
enum Verdict {
    /** A write was interrupted; nobody had been told that it was done. */
    TORN,
    /** Bytes that had been synced are damaged. */
    CORRUPT;

    /**
     * Tells an unfinished write from lost data.
     *
     * <p>An intact group after the broken place does not prove loss: a group is one write, and several may wait for one
     * sync, so after a power failure later sectors may be on disk without earlier ones. Proof is a later group that was
     * encoded when a sync of the broken record had already returned, which is what its durable id says.
     *
     * @param firstMissingId the id after the last record of the last whole batch
     * @param durableIdBehind the highest durable id of a self-valid group behind the broken place, -1 if there is none
     */
    static Verdict of(long firstMissingId, long durableIdBehind) {
        return durableIdBehind >= firstMissingId ? CORRUPT : TORN;
    }
}
