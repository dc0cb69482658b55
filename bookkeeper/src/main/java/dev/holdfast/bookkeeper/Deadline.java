package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The moment at which a call gives up. Every wait for the cluster has one: a future that never completes has been seen.
 */
final class Deadline {
    private static final long FIRST_PAUSE_NANOS = 20_000_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

    private final long nanoTime;
    private final Duration limit;

    private Deadline(long nanoTime, Duration limit) {
        this.nanoTime = nanoTime;
        this.limit = limit;
    }

    static Deadline after(Duration limit) {
        return new Deadline(System.nanoTime() + limit.toNanos(), limit);
    }

    /** The earlier of this one and one that ends so long from now. */
    Deadline within(Duration shorter) {
        Deadline other = after(shorter);
        return other.nanoTime - nanoTime < 0 ? other : this;
    }

    long remainingNanos() {
        return nanoTime - System.nanoTime();
    }

    boolean isOver() {
        return remainingNanos() <= 0;
    }

    /**
     * Checks that a batch may still be acknowledged in time.
     *
     * @param timeout for the message
     */
    void checkAcknowledgement(Duration timeout) throws IOException {
        if (isOver()) {
            throw new IOException("no acknowledgement for " + timeout);
        }
    }

    /** How much of the time has gone by. */
    long elapsedNanos() {
        return limit.toNanos() - remainingNanos();
    }

    /** Waits for a condition, by the lock that the caller holds, whatever interrupts. */
    void await(Condition condition) {
        boolean interrupted = false;
        while (!isOver()) {
            try {
                var unused = condition.awaitNanos(remainingNanos());
                break; // maybe for no reason: the caller looks again
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for a future, whatever interrupts; an interrupt is there again afterwards.
     *
     * @param what for the message if the time runs out
     * @throws LogTimeoutException if the time runs out: the outcome is unknown
     */
    <T> T await(CompletableFuture<T> future, String what) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get(Math.max(0, remainingNanos()), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    throw new LogTimeoutException(what + " took longer than " + limit, e);
                } catch (ExecutionException e) {
                    throw cause(e, what);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * As {@link #await(CompletableFuture, String)}, for what has to be given back.
     *
     * @param ifLate what becomes of it if it comes when nobody waits for it any more
     */
    <T> T await(CompletableFuture<T> future, String what, Consumer<T> ifLate) throws IOException {
        try {
            return await(future, what);
        } catch (LogTimeoutException e) {
            var unused = future.thenAccept(ifLate);
            throw e;
        }
    }

    private static IOException cause(ExecutionException e, String what) {
        Throwable cause = e.getCause();
        if (cause instanceof IOException known) {
            return known;
        }
        return new IOException(what + " failed: " + cause, cause);
    }

    /** Pauses before the next of several tries, for a time that grows with them, whatever interrupts. */
    void pause(int tries) {
        long nanos = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS << Math.min(tries, 10));
        Deadline end = within(Duration.ofNanos(nanos));
        boolean interrupted = false;
        while (!end.isOver()) {
            LockSupport.parkNanos(this, end.remainingNanos());
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
