package dev.holdfast.bookkeeper;

import java.io.IOException;

/** Checks, for the readers of a log, whether records were appended or removed after the current view was published. */
interface TailPoll {
    /**
     * Asks the cluster for newer records and publishes them. Afterwards readers see at least the records whose
     * acknowledgement the cluster had made known to readers before this call.
     */
    void poll(Deadline deadline) throws IOException;

    /** Polls as {@link #poll} does, unless the last poll began less than {@link #pollIntervalNanos} ago. */
    void pollIfStale(Deadline deadline) throws IOException;

    /**
     * Returns whether the writer in this process publishes all acknowledged records itself, so that polling sends no
     * request. Returns false if only a request to the cluster finds new records.
     */
    boolean isLocal();

    /** Returns the time between two polls of a reader that waits for new records, in nanoseconds. */
    long pollIntervalNanos();

    /**
     * Reads the log's state and returns whether a record is no longer in this segment's ledger, because it was removed.
     * Returns false if the state still lists the record there. Called if the ledger lacks a record that a view lists.
     */
    boolean isRemoved(Segment segment, long id, Deadline deadline) throws IOException;
}
