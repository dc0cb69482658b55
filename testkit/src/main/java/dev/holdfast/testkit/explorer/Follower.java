package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A cursor that stays open while the log changes, and what it must show next. */
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

    /** The log was truncated or reset. */
    void cut(Contents before, Contents after) {
        truncated |= before.holds(shown) && !after.holds(shown);
    }

    /**
     * Moves on by one record.
     *
     * @return what is wrong; null if nothing
     */
    @Nullable
    String step(Contents now) throws IOException {
        boolean gone = shown >= 0 && (truncated || now.firstId() > shown + 1);
        try {
            boolean any = cursor.next();
            if (gone) {
                return "goes on after record " + shown + " though what follows was removed, " + now;
            }
            return any ? differenceAt(now) : missing(now);
        } catch (RecordsRemovedException e) {
            over = true;
            return gone ? null : "finds records removed after record " + shown + " of " + now + ": " + e.getMessage();
        }
    }

    private long expected(Contents now) {
        return shown < 0 ? Math.max(startId, now.firstId()) : shown + 1;
    }

    private @Nullable String missing(Contents now) {
        long id = expected(now);
        return now.holds(id) ? "ends before record " + id + " of " + now : null;
    }

    private @Nullable String differenceAt(Contents now) {
        long id = expected(now);
        if (cursor.id() != id || !now.holds(id)) {
            return "shows record " + cursor.id() + " where " + id + " is expected of " + now;
        }
        shown = id;
        return now.record(id).isIn(cursor.data())
                ? null
                : "shows record " + id + " with other bytes than were appended";
    }

    /** True once it was told that records were removed. */
    boolean isAtItsEnd() {
        return over;
    }

    void close() {
        cursor.close();
    }
}
