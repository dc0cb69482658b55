package dev.holdfast.bookkeeper;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The view that readers have of a log, and the place where they wait for another one. One thread at a time changes it.
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

    /** The view of an open log. */
    View view() {
        checkOpen();
        return view;
    }

    /** The last view there was, also of a closed log. */
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

    /**
     * Shows a view after the records from one id to another have been removed, by hanging a cut behind the last one.
     */
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
     * Waits until there is another view than this, or the reader closes itself and calls {@link #wake}, at most so
     * long; what is left of the time.
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
