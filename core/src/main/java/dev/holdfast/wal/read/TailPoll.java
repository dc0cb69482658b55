package dev.holdfast.wal.read;

import java.io.IOException;

/** Makes a reader at the end of the log see new records. */
public interface TailPoll {
    /** For a log that this process writes: its writer publishes new records and wakes readers. */
    TailPoll SHOWN_BY_WRITER = new TailPoll() {
        @Override
        public void look() {}

        @Override
        public void lookIfStale() {}

        @Override
        public long lookAgainNanos() {
            return Long.MAX_VALUE;
        }

        @Override
        public long nanoTime() {
            return 0;
        }
    };

    /** Checks for new records, unless a writer in this process publishes them. */
    void look() throws IOException;

    /** Checks for new records if the last check is so old that its result may no longer be used. */
    void lookIfStale() throws IOException;

    /** Returns how long to wait before the next check, in nanoseconds. */
    long lookAgainNanos();

    /** Returns the time of a clock that measures the checks, in nanoseconds; constant if checks take no time. */
    long nanoTime();
}
