package dev.holdfast.cli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Stops a command cleanly when the process receives SIGINT (Ctrl-C) or SIGTERM ({@code kill}). The JVM then runs an
 * action of the command on another thread, because the command's own thread may be waiting for input that never comes.
 * From then on the tool reports no failures, because the shutdown itself causes failures.
 */
final class CtrlC implements AutoCloseable {
    private static final AtomicBoolean ENDING = new AtomicBoolean();

    private final Thread hook;
    private final AtomicBoolean over = new AtomicBoolean();

    /** Registers the action that runs if the process is terminated before {@link #close}. */
    CtrlC(Runnable orderly) {
        hook = new Thread(
                () -> {
                    if (over.compareAndSet(false, true)) {
                        ENDING.set(true);
                        orderly.run();
                    }
                },
                "holdfast-ctrl-c");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Returns whether this process is shutting down because of a signal. */
    static boolean isEnding() {
        return ENDING.get();
    }

    /**
     * Throws if the process is shutting down. A long command calls this between its steps, so that the command stops
     * early and cleans up.
     *
     * @throws CancellationException if the process is shutting down
     */
    static void check() {
        if (isEnding()) {
            throw new CancellationException("the process was asked to stop");
        }
    }

    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException endingAlready) {
                // The JVM is shutting down: the hook runs now and finds nothing to do.
                return;
            }
        }
    }
}
