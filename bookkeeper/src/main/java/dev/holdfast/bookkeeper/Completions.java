package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CallRefusedException;
import java.io.IOException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Completes the futures of a log, in order, on a thread that does nothing else: their continuations are the
 * application's, and may block.
 *
 * <p>The thread is there before an append is queued ({@link #reserve}) and stays as long as there is a future to
 * complete, so completing needs neither a thread nor memory that may be lacking by then. It ends after a second without
 * any.
 *
 * <p>Monitors guard the state instead of locks, since entering and leaving one allocates nothing and leaves it whatever
 * is thrown.
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

    /** A future to complete. */
    abstract static class Task {
        private @Nullable Task next;

        /** Completes the future; called again if it throws. */
        abstract void run();

        /** Called once after the future is complete, and its continuations have run. */
        abstract void over();
    }

    /**
     * Makes sure that there is a thread for one more future, until {@link #release} or until its task is over.
     *
     * @throws CallRefusedException if no thread can be made
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
                            + "); nothing of it was written, and the log stays usable. Look at the limit of threads"
                            + " (ulimit -u, the container's pids) and of memory.",
                    e);
        }
    }

    /** Gives back a reservation for which no task comes. */
    synchronized void release() {
        reserved--;
        notifyAll();
    }

    /** Hands over a task, for which there is a reservation. Allocates nothing. */
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

    /** Whether the caller is a continuation of a future of this log. */
    boolean isCompletingThread() {
        return Thread.currentThread() == thread;
    }

    /** The thread ends as soon as all futures are complete. */
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
                // An interrupt that is nobody's, or no memory: what is reserved is still to be completed.
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
                LockSupport.parkNanos(this, PAUSE_NANOS); // until there is memory again
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
