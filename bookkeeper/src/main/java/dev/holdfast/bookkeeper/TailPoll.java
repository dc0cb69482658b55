package dev.holdfast.bookkeeper;

import java.io.IOException;

/** A reader's check for records that were appended, or removed, since the view that it has. */
interface TailPoll {
    /**
     * Checks for newer records and publishes them. Afterwards readers see every record that was acknowledged before
     * this call, as far as the cluster lets readers know.
     */
    void poll(Deadline deadline) throws IOException;

    /**
     * Does the same as {@link #poll}, but skips the check if a recent one began less than {@link #pollIntervalNanos}
     * ago.
     */
    void pollIfStale(Deadline deadline) throws IOException;

    /**
     * Returns whether polling needs no request to the cluster, because all acknowledged records are already published.
     */
    boolean isLocal();

    /** Returns the pause between two polls of a waiting reader, in nanoseconds. */
    long pollIntervalNanos();

    /** Returns whether a record that a view has in this segment's ledger has since been removed from the log. */
    boolean isRemoved(Segment segment, long id, Deadline deadline) throws IOException;
}
