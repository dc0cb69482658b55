package dev.holdfast.races;

import dev.holdfast.wal.LogCursor;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Converts the outcome of a call into a word, because actors of jcstress cannot throw exceptions. */
final class Answer {
    /** The log or the cursor is closed. */
    static final String CLOSED = "closed";

    /** Longest wait for an event that must happen immediately. A thread that waits this long was not woken. */
    static final Duration PATIENCE = Duration.ofSeconds(Integer.getInteger("holdfast.patience", 20));

    private Answer() {}

    static String of(Callable<String> call) {
        try {
            return call.call();
        } catch (IllegalStateException e) {
            return CLOSED;
        } catch (Exception | AssertionError e) {
            return e.toString();
        }
    }

    /** A call without a result. */
    interface Deed {
        void run() throws Exception;
    }

    static String done(Deed deed) {
        return of(() -> {
            deed.run();
            return "done";
        });
    }

    /**
     * Waits for a record. At the timeout the reader looks once more, even if it was not woken. Therefore a wait that
     * lasts until the timeout is a failure.
     */
    static boolean wakes(LogCursor cursor) throws IOException, InterruptedException {
        long began = System.nanoTime();
        try {
            return cursor.next(PATIENCE);
        } finally {
            if (System.nanoTime() - began >= PATIENCE.toNanos()) {
                throw new AssertionError("the reader was not woken");
            }
        }
    }
}
