package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import java.io.IOException;

/** Where a log is or will be: a directory, or, in tests that stop time between two calls, memory. */
interface LogPlace {
    /** Opens the log, and makes it where there is none. */
    Log open() throws IOException;

    /** Whether the log was made before. */
    boolean exists();
}
