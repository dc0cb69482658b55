package dev.holdfast.wal.read;

import java.io.IOException;

/** How a reader at the end of a log learns that there is more. */
public interface TailPoll {
    /** A log that this process writes: the writer shows it and wakes who waits. */
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

    /** Looks for more, where nobody in this process would show it. */
    void look() throws IOException;

    /** Looks if the last look was so long ago that what it showed may not be shown any more. */
    void lookIfStale() throws IOException;

    /** How long to wait before looking again, in nanoseconds. */
    long lookAgainNanos();

    /** A clock that tells how long looks take, in nanoseconds. It stands still if they take no time. */
    long nanoTime();
}
