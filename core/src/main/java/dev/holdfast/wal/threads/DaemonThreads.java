package dev.holdfast.wal.threads;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

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
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                1, 1, idleSeconds, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> of(task, threadName));
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static ThreadGroup root(ThreadGroup group) {
        return group.getParent() == null ? group : root(group.getParent());
    }
}
