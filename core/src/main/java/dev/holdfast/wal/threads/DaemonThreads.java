package dev.holdfast.wal.threads;

import java.security.AccessController;
import java.security.PrivilegedAction;

/**
 * Makes the daemon threads of logs. Such a thread keeps nothing of the thread that happened to need it first: no
 * context class loader, no inherited thread locals, no thread group, no access control context. Any of these would pin
 * the class loader of an application that is undeployed while the log stays open.
 */
public final class DaemonThreads {
    private static final ThreadGroup ROOT = root(Thread.currentThread().getThreadGroup());

    private DaemonThreads() {}

    /** A daemon thread that is not started yet. */
    @SuppressWarnings(
            "removal") // up to JDK 23 a thread keeps its maker's protection domains, and nothing else prevents that
    public static Thread of(Runnable task, String name) {
        return AccessController.doPrivileged((PrivilegedAction<Thread>) () -> {
            Thread thread = new Thread(ROOT, task, name, 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            return thread;
        });
    }

    private static ThreadGroup root(ThreadGroup group) {
        return group.getParent() == null ? group : root(group.getParent());
    }
}
