package dev.holdfast.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.holdfast.wal.Log;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** The continuation of an append that runs on the thread of a log and is held there until it is released. */
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
     * Appends records until one is not complete yet when it gets its continuation, which therefore does not run here:
     * not even later, since nobody waits for that append itself, which could make the waiting thread run it. Every
     * record is {@link Samples#buffer} of its id.
     */
    static HeldContinuation of(Log log) {
        for (int i = 0; i < ATTEMPTS; i++) {
            HeldContinuation held = new HeldContinuation(log.appendAsync(Samples.buffer(log.nextId())));
            if (!held.continuation.isDone()) {
                await(held.entered);
                return held;
            }
        }
        throw new AssertionError("each of " + ATTEMPTS + " appends was complete before it could get a continuation");
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(HANGING_SECONDS, SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Of the record whose append it continues, the last one in the log. */
    long id() {
        return await(entered);
    }

    /** Lets it end, and returns the thread it ran on. */
    Thread release() {
        gate.complete(null);
        return await(continuation);
    }
}
