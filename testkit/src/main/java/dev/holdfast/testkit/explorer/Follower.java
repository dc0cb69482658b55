package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Keeps a cursor open while the log changes, and knows which record the cursor must return next. */
final class Follower {
    private final LogCursor cursor;
    private final long startId;
    private long shown = -1;
    private boolean truncated;
    private boolean over;

    Follower(LogCursor cursor, long startId) {
        this.cursor = cursor;
        this.startId = startId;
    }

    /** Records that the log was truncated or reset. */
    void afterRemoval(Contents before, Contents after) {
        truncated |= before.holds(shown) && !after.holds(shown);
    }

    /**
     * Moves the cursor by one record.
     *
     * @return a description of the violation; null if there is none
     */
    @Nullable
    String step(Contents now) throws IOException {
        boolean gone = shown >= 0 && (truncated || now.firstId() > shown + 1);
        try {
            boolean any = cursor.next();
            if (gone) {
                return "continues after record " + shown
                        + " although the following records were removed; the log holds " + now;
            }
            return any ? differenceAt(now) : missing(now);
        } catch (RecordsRemovedException e) {
            over = true;
            return gone
                    ? null
                    : "reports removed records after record " + shown + " although the log holds " + now + ": "
                            + e.getMessage();
        }
    }

    private long expected(Contents now) {
        return shown < 0 ? Math.max(startId, now.firstId()) : shown + 1;
    }

    private @Nullable String missing(Contents now) {
        long id = expected(now);
        return now.holds(id) ? "ends before record " + id + " although the log holds " + now : null;
    }

    private @Nullable String differenceAt(Contents now) {
        long id = expected(now);
        if (cursor.id() != id || !now.holds(id)) {
            return "returns record " + cursor.id() + " instead of " + id + "; the log holds " + now;
        }
        shown = id;
        return now.record(id).isIn(cursor.data())
                ? null
                : "returns record " + id + " with bytes other than those appended";
    }

    /** Returns whether the cursor has ended because it reported removed records. */
    boolean isAtItsEnd() {
        return over;
    }

    void close() {
        cursor.close();
    }
}
