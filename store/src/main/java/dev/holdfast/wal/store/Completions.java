package dev.holdfast.wal.store;

import dev.holdfast.wal.threads.DaemonThreads;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Completes the futures of all logs of a store on a few threads, and those of one log in order, one at a time. A
 * continuation that blocks holds up its own log only: if no thread has finished a task for a while, one is added.
 */
final class Completions {
    private static final int THREADS = 2;
    private static final long IDLE_SECONDS = 10;
    private static final long IDLE_MILLIS_WHEN_CLOSED = 10;
    private static final long BLOCKED_MILLIS = 50;

    private final ThreadPoolExecutor pool = DaemonThreads.executor("holdfast-store-completer", IDLE_SECONDS);
    private final Executor later =
            CompletableFuture.delayedExecutor(BLOCKED_MILLIS, TimeUnit.MILLISECONDS, Runnable::run);
    private final Object watch = new Object();
    private boolean watching; // guarded by the object before

    Completions() {
        pool.setCorePoolSize(THREADS);
    }

    /** The completions of one log, in the order of their calls. */
    final class Line {
        private final Deque<Runnable> tasks = new ArrayDeque<>(); // guarded by itself
        private boolean running; // guarded by the tasks
        private volatile @Nullable Thread thread;

        void execute(Runnable task) {
            synchronized (tasks) {
                tasks.add(task);
                if (running) return;
                running = true;
            }
            try {
                pool.execute(this::run);
                watch();
            } catch (OutOfMemoryError | RejectedExecutionException e) {
                run(); // a future that completes on the wrong thread is better than a future that never completes
            }
        }

        /** Returns whether the calling thread runs a completion of this log. */
        boolean isCurrentThread() {
            return thread == Thread.currentThread();
        }

        private void run() {
            thread = Thread.currentThread();
            while (true) {
                Runnable task;
                synchronized (tasks) {
                    task = tasks.poll();
                    running = task != null;
                    if (task == null) {
                        thread = null;
                        return;
                    }
                }
                try {
                    task.run();
                } catch (Throwable e) {
                    // There is no memory or stack for a continuation, but the other futures must complete.
                }
            }
        }
    }

    private void watch() {
        synchronized (watch) {
            if (watching || pool.getQueue().isEmpty()) return;
            watching = true;
        }
        long finished = pool.getCompletedTaskCount();
        later.execute(() -> {
            synchronized (watch) {
                watching = false;
            }
            int size = pool.getCorePoolSize();
            if (pool.getQueue().isEmpty()) {
                if (size > THREADS) pool.setCorePoolSize(THREADS);
                return;
            }
            if (pool.getCompletedTaskCount() == finished) pool.setCorePoolSize(size + 1);
            watch();
        });
    }

    /** Lets the threads end soon. Futures of a closed store are still completed. */
    void close() {
        pool.setKeepAliveTime(IDLE_MILLIS_WHEN_CLOSED, TimeUnit.MILLISECONDS);
    }
}
