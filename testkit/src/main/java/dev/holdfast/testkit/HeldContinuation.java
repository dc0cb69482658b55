package dev.holdfast.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.holdfast.wal.Log;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * A continuation of an asynchronous append. Runs on a thread of the log and blocks this thread until a test releases
 * it.
 */
final class HeldContinuation {
    private static final int ATTEMPTS = 100_000;
    private static final long HANGING_SECONDS = 20;

    private final Thread here = Thread.currentThread();
    private final CompletableFuture<Long> entered = new CompletableFuture<>();
    private final CompletableFuture<Void> gate = new CompletableFuture<>();
    private final CompletableFuture<Thread> continuation;

    private HeldContinuation(CompletableFuture<Long> append) {
        continuation = append.thenApply(this::hold);
    }

    private Thread hold(long id) {
        Thread thread = Thread.currentThread();
        if (thread != here) {
            entered.complete(id);
            await(gate);
        }
        return thread;
    }

    /**
     * Appends records one by one and attaches a continuation to each future, until a future is not yet complete when
     * its continuation is attached. That continuation then runs on a thread of the log. The calling thread never runs
     * it, not even later, because no thread waits for the append's own future. The data of every record is
     * {@link Samples#buffer} of its id.
     */
    static HeldContinuation of(Log log) {
        for (int i = 0; i < ATTEMPTS; i++) {
            HeldContinuation held = new HeldContinuation(log.appendAsync(Samples.buffer(log.nextId())));
            if (!held.continuation.isDone()) {
                await(held.entered);
                return held;
            }
        }
        throw new AssertionError("each of " + ATTEMPTS + " appends completed before a continuation could be attached");
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(HANGING_SECONDS, SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Returns the id of the record to whose append the continuation is attached. This record is the last record of the
     * log.
     */
    long id() {
        return await(entered);
    }

    /** Releases the continuation and returns the thread on which it ran. */
    Thread release() {
        gate.complete(null);
        return await(continuation);
    }
}
