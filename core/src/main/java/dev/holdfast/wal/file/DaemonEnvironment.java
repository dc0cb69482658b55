package dev.holdfast.wal.file;

import dev.holdfast.wal.engine.Environment;
import dev.holdfast.wal.threads.DaemonThreads;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads of one log: up to four daemons, named after the log's directory. Each ends when it has been idle for a
 * while. A log has no threads as long as all callers wait for their appends and it has never been idle.
 */
final class DaemonEnvironment {
    private static final long KEEP_ALIVE_SECONDS = 10;

    private DaemonEnvironment() {}

    /** Returns the environment of the log in a directory. */
    static Environment of(String directory) {
        ThreadPoolExecutor writing = DaemonThreads.executor("holdfast-writer-" + directory, KEEP_ALIVE_SECONDS);
        ThreadPoolExecutor completing = DaemonThreads.executor("holdfast-completer-" + directory, KEEP_ALIVE_SECONDS);
        ThreadPoolExecutor maintaining = DaemonThreads.executor("holdfast-maintainer-" + directory, KEEP_ALIVE_SECONDS);
        ScheduledThreadPoolExecutor idle =
                new ScheduledThreadPoolExecutor(1, task -> DaemonThreads.of(task, "holdfast-idle-timer-" + directory));
        idle.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        idle.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        idle.allowCoreThreadTimeOut(true);
        // Drop tasks after the log is closed: making a spare or writing a marker is useless then.
        maintaining.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        idle.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        List<ThreadPoolExecutor> all = List.of(writing, completing, maintaining, idle);
        return new Environment(
                patient(writing),
                completing,
                patient(maintaining),
                task -> {
                    idle.prestartCoreThread(); // may throw, but before the task is queued and would stay in the queue
                    ScheduledFuture<?> unused = idle.schedule(task, Environment.IDLE_NANOS, TimeUnit.NANOSECONDS);
                },
                System::nanoTime,
                new SecureRandom()::nextLong,
                () -> all.forEach(ThreadPoolExecutor::shutdown));
    }

    /** Refuses tasks for a second after a thread could not be created: such a failure takes longer than a write. */
    private static Executor patient(ThreadPoolExecutor executor) {
        AtomicLong retryNanos = new AtomicLong(System.nanoTime());
        return task -> {
            if (System.nanoTime() - retryNanos.get() < 0) {
                throw new RejectedExecutionException("creating a thread failed less than a second ago");
            }
            try {
                executor.execute(task);
            } catch (OutOfMemoryError e) {
                retryNanos.set(System.nanoTime() + TimeUnit.SECONDS.toNanos(1));
                throw e;
            }
        };
    }
}
