package dev.holdfast.bookkeeper;

import java.io.IOException;

/** How a reader learns of records that it does not see yet, and of the removal of those that it sees. */
interface TailPoll {
    /**
     * Looks whether there is more, and shows it: all that was acknowledged, as far as readers can know, before this
     * call.
     */
    void poll(Deadline deadline) throws IOException;

    /** As {@link #poll}, but a look of a short while ago will do. */
    void pollIfStale(Deadline deadline) throws IOException;

    /** Whether a look has nothing to ask of the cluster: all there is has been shown. */
    boolean isLocal();

    /** After how long to look again while waiting. */
    long pollIntervalNanos();

    /** Whether the log does without a record by now that a view shows in a ledger. */
    boolean isRemoved(Segment segment, long id, Deadline deadline) throws IOException;
}
