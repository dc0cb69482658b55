package dev.holdfast.bookkeeper;

import java.io.IOException;

/** A reader's check for records that were appended or removed after its current view was published. */
interface TailPoll {
    /**
     * Checks for newer records and publishes them. Afterwards readers see at least the records whose acknowledgement
     * was visible to readers in the cluster before this call.
     */
    void poll(Deadline deadline) throws IOException;

    /**
     * Does the same as {@link #poll}, but does nothing if the last check began less than {@link #pollIntervalNanos}
     * ago.
     */
    void pollIfStale(Deadline deadline) throws IOException;

    /**
     * Returns whether polling needs no request to the cluster, because all acknowledged records are already published.
     */
    boolean isLocal();

    /** Returns the pause between two polls of a waiting reader, in nanoseconds. */
    long pollIntervalNanos();

    /** Returns whether the log has removed a record that an older view has in this segment's ledger. */
    boolean isRemoved(Segment segment, long id, Deadline deadline) throws IOException;
}
