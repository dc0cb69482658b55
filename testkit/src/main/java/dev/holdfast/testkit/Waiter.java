package dev.holdfast.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A thread that waits in a cursor's {@link LogCursor#next(Duration)}, and the outcome of its wait. */
final class Waiter {
    /** A timeout longer than any test runs. */
    static final Duration LONG = Duration.ofSeconds(100);

    private static final long HANGING_SECONDS = 60;

    private final LogCursor cursor;
    private final Thread thread;
    private final CompletableFuture<Optional<LogRecord>> outcome = new CompletableFuture<>();

    private Waiter(LogCursor cursor, Duration timeout) {
        this.cursor = cursor;
        this.thread = new Thread(() -> waitFor(timeout), "contract-waiter");
        this.thread.setDaemon(true);
    }

    private void waitFor(Duration timeout) {
        try {
            outcome.complete(cursor.next(timeout) ? Optional.of(cursor.record()) : Optional.empty());
        } catch (InterruptedException e) {
            outcome.completeExceptionally(
                    Thread.interrupted()
                            ? new AssertionError(
                                    "next() threw InterruptedException but did not clear the interrupt flag", e)
                            : e);
        } catch (Throwable e) {
            outcome.completeExceptionally(e);
        }
    }

    /** Starts a waiter. Returns when its thread is waiting, so the caller's next action happens during the wait. */
    static Waiter at(LogCursor cursor, Duration timeout) {
        Waiter waiter = new Waiter(cursor, timeout);
        waiter.thread.start();
        while (!waiter.waits() && waiter.thread.isAlive()) {
            Thread.onSpinWait();
        }
        return waiter;
    }

    static Waiter at(LogCursor cursor) {
        return at(cursor, LONG);
    }

    private boolean waits() {
        Thread.State state = thread.getState();
        return state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING;
    }

    LogCursor cursor() {
        return cursor;
    }

    void interrupt() {
        thread.interrupt();
    }

    /** Returns the record that ended the wait. */
    LogRecord shown() throws Exception {
        return outcome.get(HANGING_SECONDS, SECONDS).orElseThrow();
    }

    /** Asserts that the wait ended with this exception. */
    void assertFailed(Class<? extends Exception> type) {
        assertThat(outcome)
                .failsWithin(Duration.ofSeconds(HANGING_SECONDS))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(type);
    }
}
