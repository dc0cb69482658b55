package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import java.io.IOException;

/** The location of a log: a directory or, in tests that stop time between two calls, memory. */
interface LogPlace {
    /** Opens the log, and creates it if it does not exist. */
    Log open() throws IOException;

    /** Returns whether the log exists, even if it is empty. An interrupted first opening may have left no log. */
    boolean exists() throws IOException;
}
