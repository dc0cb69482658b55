package dev.holdfast.wal.recovery;

/** Tells whether broken bytes at the end of a log are an unfinished write or damage. */
enum Verdict {
    /** A write was interrupted before it was acknowledged. */
    TORN,
    /** Synced bytes are damaged. */
    CORRUPT;

    /**
     * Tells an unfinished write from lost data.
     *
     * <p>An intact group after the broken place does not prove loss: several writes may precede one sync, so a power
     * failure may leave later sectors on disk without earlier ones. The proof of loss is the durable id of a later
     * group: it says that a sync of the broken record had returned before the group was encoded.
     *
     * @param firstMissingId the id after the last record of the last whole batch
     * @param durableIdBehind highest durable id of the self-valid groups after the broken place, -1 if none
     */
    static Verdict of(long firstMissingId, long durableIdBehind) {
        return durableIdBehind >= firstMissingId ? CORRUPT : TORN; // seam: verdict
    }
}
