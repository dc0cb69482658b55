package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import java.io.IOException;

/** Where a log is or will be: a directory, or, in tests that stop time between two calls, memory. */
interface LogPlace {
    /** Opens the log, and makes it where there is none. */
    Log open() throws IOException;

    /**
     * Whether there is a log, however little is in it. An opening that was cut short before it made one has left none.
     */
    boolean exists() throws IOException;
}
