package dev.holdfast.wal.catalog;

import dev.holdfast.wal.threads.HookThread;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Publishes the current catalog from the writer to the readers. Publishing costs two volatile writes and a volatile
 * read; a lock is taken only to wake a waiting reader. A reader registers before it checks the catalog, and the writer
 * publishes before it looks for waiting readers, so no wake-up is lost.
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

    /** Returns the runner of the log's commit hooks. A hook runs after its records were published. */
    public HookThread hooks() {
        return hooks;
    }

    public boolean isClosed() {
        return closed;
    }

    public void advance(long lastId, long tailEnd) {
        catalog.advance(lastId, tailEnd);
        wake();
    }

    public void show(Catalog next) {
        Catalog before = catalog;
        catalog = next;
        wake();
        before.leave(next);
    }

    public void close() {
        closed = true;
        wake(); // seam: closed-wake
    }

    /** Wakes waiting readers, which check their condition again. */
    public void wake() {
        if (waiting.get() == 0) return;
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until a condition holds or the time is up; returns the nanoseconds left, 0 or less if time is up. */
    public long await(BooleanSupplier ready, long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            waiting.incrementAndGet(); // seam: reader-waits
            long left = nanos; // seam: reader-time
            while (left > 0 && !ready.getAsBoolean()) { // seam: reader-check
                left = changed.awaitNanos(left); // seam: reader-sleep
            }
            return left;
        } finally {
            waiting.decrementAndGet();
            lock.unlock();
        }
    }
}
