package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CallRefusedException;
import java.io.IOException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks of a log in order, on a thread that does nothing else, because the tasks run the application's code:
 * commit hooks, or the continuations of futures. Such code may block.
 *
 * <p>{@link #reserve} is called before an append is queued, and starts the thread. The thread runs until all reserved
 * tasks are over. Running a reserved task therefore needs neither a new thread nor memory, which may not be available
 * at that time. The thread ends after a second without a reservation.
 *
 * <p>The state is guarded by a monitor and not by a lock, because entering and leaving a monitor allocates nothing, and
 * it is left even if an error is thrown.
 */
final class TaskQueue {
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int TRIES = 1000;
    private static final long PAUSE_NANOS = 10_000_000;

    private final String logName;
    private final String name;
    private final String purpose;
    private final ThreadFactory threads;
    private final Runnable whenIdle;
    private final Pauses busyTime = new Pauses();

    // Guarded by this.
    private @Nullable Task first;
    private @Nullable Task last;
    private long reserved;
    private long handed;
    private boolean closed;

    private volatile @Nullable Thread thread;

    /**
     * Creates an empty queue without a thread.
     *
     * @param name names the thread
     * @param purpose completes the sentence "no thread could be made to ..."
     * @param whenIdle called each time all tasks that were handed over are over; must not block
     */
    TaskQueue(String logName, String name, String purpose, ThreadFactory threads, Runnable whenIdle) {
        this.logName = logName;
        this.name = name;
        this.purpose = purpose;
        this.threads = threads;
        this.whenIdle = whenIdle;
    }

    /** A task of the queue, in one queue at a time. */
    abstract static class Task {
        private @Nullable Task next;

        /** Runs the task. If this method throws, it is called again. */
        abstract void run();

        /** Called once when the task is over: after it has run, or after the last attempt to run it has failed. */
        void over() {}
    }

    /**
     * Reserves the thread for one more task, until {@link #release} is called or the task is over. Starts the thread if
     * it is not running.
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
            made.setName("holdfast-" + name + "-" + logName);
            thread = made;
            made.start();
        } catch (RuntimeException | Error e) {
            thread = null;
            throw new CallRefusedException(
                    logName + ": no thread could be made to " + purpose + " of an append (" + e
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
        if (handed++ == 0) {
            busyTime.begin();
        }
        notifyAll();
    }

    /**
     * Hands over a task that has no reservation, if a task before it is not over yet. Allocates nothing.
     *
     * @return true if the task was handed over; false if no task is running or waiting, so the caller must do its work
     *     itself
     */
    synchronized boolean handIfBusy(Task task) {
        if (handed == 0) {
            return false;
        }
        reserved++; // the thread is running, because it is reserved for the tasks before this task
        hand(task);
        return true;
    }

    /** Returns whether a task that was handed over is not over yet. */
    synchronized boolean isBusy() {
        return handed > 0;
    }

    /** Returns the time during which the queue has been busy, for deadlines that this time postpones. */
    Pauses busyTime() {
        return busyTime;
    }

    /**
     * Returns whether the current thread is the thread of this queue. If so, a commit hook or a continuation makes the
     * call.
     */
    boolean isOnThread() {
        return Thread.currentThread() == thread;
    }

    /** Lets the thread end as soon as all reserved tasks are over. */
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
                run(task);
            } catch (InterruptedException | RuntimeException | Error e) {
                // An interrupt, which has no meaning here, or lack of memory: reserved tasks must still be run.
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
        task.next = null; // the task may enter another queue
        if (first == null) {
            last = null;
        }
        return task;
    }

    private void run(Task task) {
        try {
            for (int tries = 0; tries < TRIES && !isRun(task); tries++) {
                LockSupport.parkNanos(this, PAUSE_NANOS); // memory may be available by then
            }
        } finally {
            task.over();
            over();
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

    private void over() {
        boolean idle;
        synchronized (this) {
            handed--;
            idle = handed == 0;
            if (idle) {
                busyTime.end();
            }
            release();
        }
        if (idle) {
            whenIdle.run();
        }
    }
}
