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
 * The moment at which a call gives up. Every wait for the cluster has a deadline, because a future of a client may
 * never complete.
 */
final class Deadline {
    private static final long FIRST_PAUSE_NANOS = 20_000_000;
    private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;
    private static final long LEAST_WAIT_NANOS = 1_000_000;

    private final long nanoTime;
    private final Duration limit;
    private final Pauses pauses;
    private final long pausedBefore;

    private Deadline(Duration limit, Pauses pauses) {
        this.nanoTime = System.nanoTime() + limit.toNanos();
        this.limit = limit;
        this.pauses = pauses;
        this.pausedBefore = pauses.nanos();
    }

    static Deadline after(Duration limit) {
        return after(limit, Pauses.NONE);
    }

    /**
     * Returns a deadline that expires after the given time. Every pause that begins later postpones the deadline by the
     * length of the pause.
     */
    static Deadline after(Duration limit, Pauses pauses) {
        return new Deadline(limit, pauses);
    }

    /** Returns the earlier of this deadline and a deadline that expires after the given time, counted from now. */
    Deadline within(Duration shorter) {
        Deadline other = after(shorter);
        return other.remainingNanos() < remainingNanos() ? other : this;
    }

    long remainingNanos() {
        return nanoTime + (pauses.nanos() - pausedBefore) - System.nanoTime();
    }

    /**
     * Returns how many nanoseconds to wait before checking the deadline again: the remaining time, but at least a
     * millisecond, or 0 if the deadline has expired. The minimum avoids a busy loop if pauses postpone the deadline
     * again and again.
     */
    long waitNanos() {
        long remaining = remainingNanos();
        return remaining <= 0 ? 0 : Math.max(LEAST_WAIT_NANOS, remaining);
    }

    boolean isOver() {
        return remainingNanos() <= 0;
    }

    /**
     * Checks that this deadline, by which a batch must be acknowledged, has not expired.
     *
     * @param timeout the timeout to name in the message
     * @throws IOException if this deadline has expired
     */
    void checkAcknowledgement(Duration timeout) throws IOException {
        if (isOver()) {
            throw new IOException("no acknowledgement for " + timeout);
        }
    }

    /** Returns the nanoseconds since this deadline was created, not counting pauses. */
    long elapsedNanos() {
        return limit.toNanos() - remainingNanos();
    }

    /**
     * Waits until a condition is signalled, at most until the deadline. May return early. The caller must hold the
     * condition's lock. An interrupt does not end the wait. The thread's interrupt flag is set again afterwards.
     */
    void await(Condition condition) {
        boolean interrupted = false;
        while (!isOver()) {
            try {
                var unused = condition.awaitNanos(remainingNanos());
                break; // possibly a spurious wake-up: the caller checks its condition again
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for a future and returns its result. An interrupt does not end the wait. The thread's interrupt flag is set
     * again afterwards.
     *
     * @param what names the awaited action in the message of an exception
     * @throws LogTimeoutException if the deadline expires first; the outcome is unknown
     * @throws IOException if the future fails
     */
    <T> T await(CompletableFuture<T> future, String what) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return future.get(waitNanos(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    if (isOver()) {
                        throw new LogTimeoutException(what + " took longer than " + limit, e);
                    }
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
     * Waits as {@link #await(CompletableFuture, String)} does, for a result that somebody must release, such as an open
     * ledger.
     *
     * @param ifLate receives the result if the future completes after the deadline
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

    /**
     * Pauses the thread between two tries, at most until the deadline. The pause doubles with each try, from 20 ms up
     * to 1 second. An interrupt does not end the pause. The thread's interrupt flag is set again afterwards.
     *
     * @param tries the number of earlier pauses, 0 for the first pause
     */
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
