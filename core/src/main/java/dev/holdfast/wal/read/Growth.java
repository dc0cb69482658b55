package dev.holdfast.wal.read;

import java.io.IOException;

/** How a reader at the end of a log learns that there is more. */
public interface Growth {
    /** A log that this process writes: the writer shows it and wakes who waits. */
    Growth SHOWN_BY_WRITER = new Growth() {
        @Override
        public void look() {}

        @Override
        public long lookAgainNanos() {
            return Long.MAX_VALUE;
        }
    };

    /** Looks for more, where nobody in this process would show it. */
    void look() throws IOException;

    /** How long to wait before looking again, in nanoseconds. */
    long lookAgainNanos();
}
