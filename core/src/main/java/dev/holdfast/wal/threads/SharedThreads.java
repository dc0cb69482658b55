package dev.holdfast.wal.threads;

import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The daemon threads that all logs of a process share: decision 23. They start on demand, and end when they have been
 * idle for a while or when the last log is closed. A task may block, so no task waits for a blocked task of another
 * log, except a marker for a short time.
 */
public final class SharedThreads {
    private static final long KEEP_ALIVE_SECONDS = 10;

    /** Number of threads that write markers as long as they are not blocked. */
    private static final int MARKING = 2;

    /** Time without a finished marker after which the threads that write markers are assumed to be blocked. */
    private static final long BLOCKED_NANOS = 200_000_000;

    private static final Object LOCK = new Object(); // guards the next fields
    private static @Nullable SharedThreads current;
    private static int users;

    private final ThreadPoolExecutor writing =
            DaemonThreads.pool(0, new SynchronousQueue<>(), "holdfast-writer", KEEP_ALIVE_SECONDS);
    private final ThreadPoolExecutor maintaining =
            DaemonThreads.pool(0, new SynchronousQueue<>(), "holdfast-maintainer", KEEP_ALIVE_SECONDS);
    private final ThreadPoolExecutor completing =
            DaemonThreads.pool(0, new LinkedBlockingQueue<>(), "holdfast-completer", 0);
    private final ThreadPoolExecutor marking =
            DaemonThreads.pool(MARKING, new LinkedBlockingQueue<>(), "holdfast-idle-marker", KEEP_ALIVE_SECONDS);
    private final ScheduledThreadPoolExecutor timer =
            new ScheduledThreadPoolExecutor(1, task -> DaemonThreads.of(task, "holdfast-timer"));
    public final Executor leaders;
    public final Executor maintainers;
    public final ReservedThreads completers = new ReservedThreads(completing, this::aSecondLater);
    private boolean watching; // only the timer's thread accesses it

    private SharedThreads(LongSupplier nanoTime) {
        leaders = patient(writing, nanoTime);
        maintainers = patient(maintaining, nanoTime);
        marking.allowCoreThreadTimeOut(true);
        timer.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setRemoveOnCancelPolicy(true);
    }

    /** Returns the threads of this process for another log, which must call {@link #leave} when it is closed. */
    public static SharedThreads join(LongSupplier nanoTime) {
        synchronized (LOCK) {
            SharedThreads threads = current == null ? new SharedThreads(nanoTime) : current;
            current = threads;
            users++;
            return threads;
        }
    }

    /** Ends the use of the threads by a log. Ends all threads after the last log, once they have no task left. */
    public void leave() {
        synchronized (LOCK) {
            if (--users > 0) return; // seam: threads-left
            current = null;
        }
        timer.shutdown();
        writing.shutdown();
        maintaining.shutdown();
        completing.shutdown();
        marking.shutdown();
    }

    /** Writes the marker of an idle log later. The task may be cancelled until then. */
    public Future<?> markLater(Runnable task, long nanos) {
        return schedule(() -> mark(task), nanos);
    }

    private void aSecondLater(Runnable task) {
        Future<?> unused = schedule(task, 1_000_000_000);
    }

    private Future<?> schedule(Runnable task, long nanos) {
        timer.prestartCoreThread(); // may throw, but before the task is queued and would stay in the queue
        return timer.schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private void mark(Runnable task) {
        try {
            if (marking.getActiveCount() == 0 && marking.getCorePoolSize() != MARKING) {
                marking.setCorePoolSize(MARKING);
            }
            Future<?> unused = marking.submit(task);
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            task.run(); // late markers of other logs are better than a log without its marker
        }
        watch();
    }

    /** Adds a thread for the markers that wait if none is finished for a while. */
    private void watch() {
        if (watching || marking.getQueue().isEmpty()) return;
        long finished = marking.getCompletedTaskCount();
        Future<?> unused = schedule(
                () -> {
                    watching = false;
                    try {
                        if (marking.getCompletedTaskCount() == finished) {
                            marking.setCorePoolSize(marking.getCorePoolSize() + 1); // seam: marker-thread
                        }
                    } finally {
                        watch();
                    }
                },
                BLOCKED_NANOS);
        watching = true;
    }

    /** Creates no thread for a second after a thread could not be created: such a failure takes longer than a write. */
    private static Executor patient(ThreadPoolExecutor pool, LongSupplier nanoTime) {
        AtomicLong retryNanos = new AtomicLong(nanoTime.getAsLong());
        return task -> {
            if (nanoTime.getAsLong() - retryNanos.get() < 0) {
                if (pool.getQueue().offer(task)) return; // an idle thread has taken the task
                throw new RejectedExecutionException("creating a thread failed less than a second ago");
            }
            try {
                pool.execute(task);
            } catch (OutOfMemoryError e) {
                retryNanos.set(nanoTime.getAsLong() + TimeUnit.SECONDS.toNanos(1));
                throw e;
            }
        };
    }
}
