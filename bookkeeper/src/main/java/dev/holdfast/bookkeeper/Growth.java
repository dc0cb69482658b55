package dev.holdfast.bookkeeper;

import java.io.IOException;

/** How a reader learns of records that it does not see yet. */
interface Growth {
    /** The writer is in this process and shows what it has appended. */
    Growth SHOWN_BY_WRITER = new Growth() {
        @Override
        public void look() {}

        @Override
        public long lookAgainNanos() {
            return Long.MAX_VALUE;
        }
    };

    /** Looks whether there is more, and shows it. */
    void look() throws IOException;

    /** After how long to look again while waiting. */
    long lookAgainNanos();
}
