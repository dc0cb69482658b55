package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.io.IOException;

/** One of the logs that are compared, and the cursor that follows it. */
final class Life {
    private final Agreement.Opener opener;
    private Log log;
    private LogCursor cursor;
    private LogCursor oldCursor;

    Life(Agreement.Opener opener) throws IOException {
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

    /** The cursor of the log before it was opened again. */
    LogCursor oldCursor() {
        return oldCursor;
    }

    void openCursor(long startId) {
        cursor.close();
        cursor = log.cursor(startId);
    }

    /** False where the log goes on as it is: it would not outlive being closed. */
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
