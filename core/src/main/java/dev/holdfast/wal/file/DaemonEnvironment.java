package dev.holdfast.wal.file;

import dev.holdfast.wal.threads.Environment;
import dev.holdfast.wal.threads.SharedThreads;
import java.security.SecureRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

/**
 * Connects one log with the threads that all logs of the process share. A closed log submits no more tasks to them and
 * leaves none behind.
 */
final class DaemonEnvironment {
    private final SharedThreads threads = SharedThreads.join(System::nanoTime);
    private volatile boolean stopped;
    private volatile Future<?> marker = CompletableFuture.completedFuture(null);

    private DaemonEnvironment() {}

    /** Returns the environment of a log, which must be stopped. */
    static Environment create() {
        DaemonEnvironment log = new DaemonEnvironment();
        try {
            return new Environment(
                    log.unlessStopped(log.threads.leaders),
                    log.threads.completers,
                    log.unlessStopped(log.threads.maintainers),
                    Runnable::run,
                    log.unlessStopped(task -> log.marker = log.threads.markLater(task, Environment.IDLE_NANOS)),
                    System::nanoTime,
                    new SecureRandom()::nextLong,
                    log::stop);
        } catch (Throwable e) {
            log.stop();
            throw e;
        }
    }

    private Executor unlessStopped(Executor executor) {
        return task -> {
            if (stopped) throw new RejectedExecutionException("the log is closed");
            executor.execute(task);
        };
    }

    private void stop() {
        stopped = true;
        marker.cancel(false);
        threads.leave();
    }
}
