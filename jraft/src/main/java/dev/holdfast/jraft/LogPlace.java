package dev.holdfast.jraft;

import dev.holdfast.wal.Log;
import java.io.IOException;

/** The location of a log: a directory or, in tests that simulate a crash between two calls, memory. */
interface LogPlace {
    /** Opens the log, and creates it if it does not exist. */
    Log open() throws IOException;

    /**
     * Returns whether the log exists, even if it is empty. Returns false if the first opening was interrupted before it
     * had created the log.
     */
    boolean exists() throws IOException;
}
