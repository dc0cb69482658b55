package dev.holdfast.bookkeeper;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Publishes the current view of a log to its readers, and lets readers wait for a newer view. Only one thread at a time
 * publishes.
 */
final class ViewHolder {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final String logName;
    private volatile View view;
    private volatile boolean closed;

    ViewHolder(String logName, View first) {
        this.logName = logName;
        this.view = first;
    }

    /**
     * Returns the current view.
     *
     * @throws IllegalStateException if the log is closed
     */
    View view() {
        checkOpen();
        return view;
    }

    /** Returns the last published view, even if the log is closed. */
    View lastView() {
        return view;
    }

    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the log is closed: " + logName);
        }
    }

    boolean isClosed() {
        return closed;
    }

    void publish(View next) {
        view = next;
        wake();
    }

    /** Publishes a view after a truncation. Links the previous truncation to this one, so that cursors find it. */
    void publishAfterTruncation(View next, Truncation truncation) {
        next.newestTruncation().later = truncation;
        publish(new View(next.firstId(), next.nextId(), next.segments(), truncation));
    }

    void close() {
        closed = true;
        wake();
    }

    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until a view other than {@code seen} is published, the log is closed, or {@code closedMeanwhile} returns
     * true, but at most {@code nanos} nanoseconds. After the result of {@code closedMeanwhile} has changed,
     * {@link #wake} must be called.
     *
     * @return the remaining nanoseconds; 0 or less if the time is over
     */
    long await(View seen, long nanos, BooleanSupplier closedMeanwhile) throws InterruptedException {
        long left = nanos;
        lock.lockInterruptibly();
        try {
            while (left > 0 && view == seen && !closed && !closedMeanwhile.getAsBoolean()) {
                left = changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
        return left;
    }
}
