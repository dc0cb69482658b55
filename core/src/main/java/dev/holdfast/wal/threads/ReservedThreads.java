package dev.holdfast.wal.threads;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;

/**
 * The threads that complete the futures of all logs: at least one for each reservation. A log reserves a thread while
 * it has futures in flight, and submits one task at a time. So its task never waits for a task of another log. The core
 * size of the pool is the number of reservations; it is reduced later, because reducing it wakes idle threads.
 */
public final class ReservedThreads implements Executor {
    private final ThreadPoolExecutor pool;
    private final Executor aSecondLater;
    private final Runnable reduce = this::reduce;
    private final Object lock = new Object(); // guards the next fields, and changes of the core size
    private int reserved;
    private int peak; // of the reservations since the last reduction
    private boolean reducing;

    /**
     * Creates the threads in a pool whose queue is unbounded and whose core size is 0.
     *
     * @param aSecondLater runs a task once, a second later
     */
    public ReservedThreads(ThreadPoolExecutor pool, Executor aSecondLater) {
        this.pool = pool;
        this.aSecondLater = aSecondLater;
    }

    /**
     * Reserves a thread, which exists when this method returns.
     *
     * @throws OutOfMemoryError if the thread cannot be created; nothing was reserved
     */
    public void reserve() {
        synchronized (lock) {
            int before = pool.getCorePoolSize();
            try {
                if (reserved == before) {
                    pool.setCorePoolSize(before + 1);
                }
                pool.prestartCoreThread(); // seam: thread-reserved
            } catch (Throwable e) {
                pool.setCorePoolSize(before);
                throw e;
            }
            reserved++;
            peak = Math.max(peak, reserved);
        }
    }

    /** Ends a reservation. The thread may end when it has been idle for a while. */
    public void release() {
        synchronized (lock) {
            reserved--;
            reduceLater();
        }
    }

    private void reduceLater() {
        if (reducing || reserved == pool.getCorePoolSize()) return;
        try {
            aSecondLater.execute(reduce);
            reducing = true;
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            return; // the next release tries again
        }
    }

    private void reduce() {
        synchronized (lock) {
            reducing = false;
            if (pool.getCorePoolSize() != peak) pool.setCorePoolSize(peak); // interrupts all idle threads
            peak = reserved;
            reduceLater();
        }
    }

    @Override
    public void execute(Runnable task) {
        pool.execute(task);
    }
}
