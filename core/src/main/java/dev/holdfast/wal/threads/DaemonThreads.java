package dev.holdfast.wal.threads;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Creates the daemon threads of logs. Such a thread inherits nothing from the thread that creates it: no context class
 * loader, thread locals, thread group or access control context. Any of these would pin the class loader of an
 * application that is undeployed while the log stays open.
 */
public final class DaemonThreads {
    private static final ThreadGroup ROOT = root(Thread.currentThread().getThreadGroup());

    private DaemonThreads() {}

    /** Returns a daemon thread that is not started yet. */
    @SuppressWarnings("removal") // until JDK 23, a thread created without privileges pins its creator's class loader
    public static Thread of(Runnable task, String name) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread thread = new Thread(ROOT, task, name, 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            return thread;
        });
    }

    /** Returns an executor of at most one daemon thread, which ends when it has been idle for this time. */
    public static ThreadPoolExecutor executor(String threadName, long idleSeconds) {
        ThreadPoolExecutor executor = pool(1, new LinkedBlockingQueue<>(), threadName, idleSeconds);
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /** Returns a pool of daemon threads. Its maximum size is unlimited. */
    static ThreadPoolExecutor pool(int coreSize, BlockingQueue<Runnable> queue, String threadName, long idleSeconds) {
        return new ThreadPoolExecutor(
                coreSize, Integer.MAX_VALUE, idleSeconds, TimeUnit.SECONDS, queue, task -> of(task, threadName)) {
            /** Drops a context class loader that a continuation or a hook has set: the next task is another log's. */
            @Override
            protected void afterExecute(Runnable task, @Nullable Throwable failure) {
                Thread.currentThread().setContextClassLoader(null);
            }
        };
    }

    private static ThreadGroup root(ThreadGroup group) {
        return group.getParent() == null ? group : root(group.getParent());
    }
}
