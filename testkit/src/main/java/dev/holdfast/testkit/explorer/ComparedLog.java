package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.io.IOException;

/** One of the logs that {@link Agreement} compares, with its open cursor. */
final class ComparedLog {
    private final Agreement.Opener opener;
    private Log log;
    private LogCursor cursor;
    private LogCursor oldCursor;

    ComparedLog(Agreement.Opener opener) throws IOException {
        this.opener = opener;
        this.log = opener.open();
        this.cursor = log.cursor(0);
        this.oldCursor = cursor;
    }

    Log log() {
        return log;
    }

    LogCursor cursor() {
        return cursor;
    }

    /** Returns the cursor that was opened before the log was last reopened. */
    LogCursor oldCursor() {
        return oldCursor;
    }

    void openCursor(long startId) {
        cursor.close();
        cursor = log.cursor(startId);
    }

    /** Closes and reopens the log. Returns false and leaves the log open if its records would not survive a close. */
    boolean reopen() throws IOException {
        if (!opener.persistent()) {
            return false;
        }
        if (oldCursor != cursor) {
            oldCursor.close();
        }
        oldCursor = cursor;
        log.close();
        log = opener.open();
        cursor = log.cursor(0);
        return true;
    }

    void close() throws IOException {
        cursor.close();
        oldCursor.close();
        log.close();
    }

    @Override
    public String toString() {
        return log.getClass().getSimpleName();
    }
}
