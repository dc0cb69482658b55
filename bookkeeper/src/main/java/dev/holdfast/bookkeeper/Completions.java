package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CallRefusedException;
import java.io.IOException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Completes the futures of a log, in order, on a thread that does nothing else, because continuations are the
 * application's code and may block.
 *
 * <p>{@link #reserve} starts the thread before an append is queued. The thread runs until all reserved futures are
 * complete. Therefore, completing a future requires neither a new thread nor memory, which may both be unavailable by
 * then. The thread ends after a second without a reservation.
 *
 * <p>Monitors guard the state, not locks, because entering and leaving a monitor allocates nothing, and an error that
 * is thrown leaves the monitor too.
 */
final class Completions {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int TRIES = 1000;
    private static final long PAUSE_NANOS = 10_000_000;

    private final String logName;
    private final ThreadFactory threads;

    // Guarded by this.
    private @Nullable Task first;
    private @Nullable Task last;
    private long reserved;
    private boolean closed;

    private volatile @Nullable Thread thread;

    Completions(String logName, ThreadFactory threads) {
        this.logName = logName;
        this.threads = threads;
    }

    /** Completes one future. */
    abstract static class Task {
        private @Nullable Task next;

        /** Completes the future. If this throws, it is called again. */
        abstract void run();

        /** Called once after the future is complete and its continuations have run. */
        abstract void over();
    }

    /**
     * Reserves the thread for one more future, until {@link #release} is called or the future's task is over. Starts
     * the thread if it is not running.
     *
     * @throws CallRefusedException if the thread cannot be started
     */
    void reserve() throws IOException {
        synchronized (this) {
            if (!isAlive()) {
                start();
            }
            reserved++;
        }
    }

    private boolean isAlive() {
        Thread current = thread;
        return current != null && current.isAlive();
    }

    private void start() throws IOException {
        try {
            Thread made = threads.newThread(this::run);
            made.setName("holdfast-completions-" + logName);
            thread = made;
            made.start();
        } catch (RuntimeException | Error e) {
            thread = null;
            throw new CallRefusedException(
                    logName + ": no thread could be made to complete the future of an append (" + e
                            + "); nothing of it was written, and the log stays usable. Check the limits of threads"
                            + " (ulimit -u, the container's pids) and of memory.",
                    e);
        }
    }

    /** Cancels a reservation for which no task will be handed over. */
    synchronized void release() {
        reserved--;
        notifyAll();
    }

    /** Hands over a task that has a reservation. Allocates nothing. */
    synchronized void hand(Task task) {
        Task before = last;
        if (before == null) {
            first = task;
        } else {
            before.next = task;
        }
        last = task;
        notifyAll();
    }

    /** Returns whether the current thread completes the futures of this log: the caller is a continuation. */
    boolean isCompletingThread() {
        return Thread.currentThread() == thread;
    }

    /** Lets the thread end as soon as all reserved futures are complete. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void run() {
        while (true) {
            try {
                Task task = next();
                if (task == null) {
                    return;
                }
                complete(task);
            } catch (InterruptedException | RuntimeException | Error e) {
                // An interrupt, which has no meaning here, or lack of memory: reserved futures must still complete.
            }
        }
    }

    private synchronized @Nullable Task next() throws InterruptedException {
        long idleSince = System.nanoTime();
        while (first == null) {
            long left = IDLE_NANOS - (System.nanoTime() - idleSince);
            if (reserved == 0 && (closed || left <= 0)) {
                thread = null;
                return null;
            }
            if (reserved > 0) {
                wait();
                idleSince = System.nanoTime();
            } else {
                wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
            }
        }
        Task task = first;
        first = task.next;
        if (first == null) {
            last = null;
        }
        return task;
    }

    private void complete(Task task) {
        try {
            for (int tries = 0; tries < TRIES && !isRun(task); tries++) {
                LockSupport.parkNanos(this, PAUSE_NANOS); // memory may be available by then
            }
        } finally {
            task.over();
            release();
        }
    }

    private static boolean isRun(Task task) {
        try {
            task.run();
            return true;
        } catch (RuntimeException | Error e) {
            return false;
        }
    }
}
