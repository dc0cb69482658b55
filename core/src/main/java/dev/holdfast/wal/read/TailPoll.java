package dev.holdfast.wal.read;

import java.io.IOException;

/** Makes a reader at the end of the log see new records. The defaults suit a log that this process writes. */
public interface TailPoll {
    /** For a log that this process writes: its writer publishes new records and wakes readers. */
    TailPoll SHOWN_BY_WRITER = new TailPoll() {};

    /** Checks for new records, unless a writer in this process publishes them. */
    default void look() throws IOException {}

    /** Checks for new records if the last check is so old that its result may no longer be used. */
    default void lookIfStale() throws IOException {}

    /** Checks for new records, cheaply if there are none, unless another reader has done so since a time. */
    default void lookForNews(long sinceNanos) throws IOException {}

    /** Returns how long to wait before the next check, in nanoseconds. */
    default long lookAgainNanos() {
        return Long.MAX_VALUE;
    }

    /** Returns the time of a clock that measures the checks, in nanoseconds. It is constant if checks take no time. */
    default long nanoTime() {
        return 0;
    }
}
