package dev.holdfast.cli;

import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Ends a command in order where the process is told to end (Ctrl-C, {@code kill}): the JVM then runs this beside the
 * command, whose thread may wait for input that never comes. From then on nothing that fails is worth a word, as it
 * fails because of this.
 */
final class CtrlC implements AutoCloseable {
    private static final AtomicBoolean ENDING = new AtomicBoolean();

    private final Thread hook;
    private final AtomicBoolean over = new AtomicBoolean();

    /** From now on until {@link #close}: what is to be done if the process is told to end. */
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

    /** Whether this process has been told to end. */
    static boolean isEnding() {
        return ENDING.get();
    }

    /** For the steps of what is long: ends it there, so that it cleans up behind itself. */
    static void check() {
        if (isEnding()) {
            throw new CancellationException("the process was told to end");
        }
    }

    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException endingAlready) {
                // Then it runs, and finds that there is nothing to do.
                return;
            }
        }
    }
}
