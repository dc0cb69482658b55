package dev.holdfast.wal.segment;

import dev.holdfast.wal.threads.HookThread;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The place where the one who writes shows readers what is acknowledged. Showing costs two volatile writes and a
 * volatile read; only where a reader waits does it take a lock to wake it. A reader announces itself before it looks,
 * the writer looks for readers after it has shown, so one of them sees the other.
 */
public final class CatalogHolder {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final HookThread hooks = new HookThread();
    private volatile Catalog catalog;
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile boolean closed;

    public CatalogHolder(Catalog first) {
        this.catalog = first;
    }

    public Catalog catalog() {
        return catalog;
    }

    /** Returns what runs the commit hooks of the log, which run after the publication of their records. */
    public HookThread hooks() {
        return hooks;
    }

    /** The log is closed: nobody reads any more. */
    public boolean isClosed() {
        return closed;
    }

    /** Shows more records in the tail. */
    public void advance(long lastId, long tailEnd) {
        catalog.advance(lastId, tailEnd);
        wake();
    }

    /** Shows another catalog. */
    public void show(Catalog next) {
        Catalog before = catalog;
        catalog = next;
        wake();
        before.leave(next);
    }

    /** Ends all reading. */
    public void close() {
        closed = true;
        wake();
    }

    /** Wakes the readers that wait, to look again. */
    public void wake() {
        if (waiting.get() == 0) {
            return;
        }
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until something is so, or until the time has run out.
     *
     * @return how many of the nanoseconds are left; none or fewer if the time ran out
     */
    public long await(BooleanSupplier ready, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            waiting.incrementAndGet();
            long left = nanos;
            while (left > 0 && !ready.getAsBoolean()) {
                left = changed.awaitNanos(left);
            }
            return left;
        } finally {
            waiting.decrementAndGet();
            lock.unlock();
        }
    }
}
