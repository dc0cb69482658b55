package dev.holdfast.races;

import dev.holdfast.wal.LogCursor;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;

/** What a call tells its caller, as a word: actors of jcstress throw nothing. */
final class Told {
    /** That the log or the cursor is closed. */
    static final String CLOSED = "closed";

    /** How long somebody waits for what must come at once; whoever waits for so long was forgotten. */
    static final Duration PATIENCE = Duration.ofSeconds(Integer.getInteger("holdfast.patience", 20));

    private Told() {}

    static String by(Callable<String> call) {
        try {
            return call.call();
        } catch (IllegalStateException e) {
            return CLOSED;
        } catch (Exception | AssertionError e) {
            return e.toString();
        }
    }

    /** A call that has no more to tell than that it was done. */
    interface Deed {
        void run() throws Exception;
    }

    static String done(Deed deed) {
        return by(() -> {
            deed.run();
            return "done";
        });
    }

    /**
     * Waits for a record. A reader whom nobody wakes finds it all the same once its time is up, or that the log is
     * closed: so whoever waits to the end was forgotten.
     */
    static boolean wakes(LogCursor cursor) throws IOException, InterruptedException {
        long began = System.nanoTime();
        try {
            return cursor.next(PATIENCE);
        } finally {
            if (System.nanoTime() - began >= PATIENCE.toNanos()) {
                throw new AssertionError("nobody wakes the reader");
            }
        }
    }
}
