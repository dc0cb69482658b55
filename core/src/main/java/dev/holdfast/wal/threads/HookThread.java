package dev.holdfast.wal.threads;

import dev.holdfast.wal.CommitHook;
import org.jspecify.annotations.Nullable;

/**
 * Runs the commit hooks of one log, and refuses calls that a hook must not make. The log makes sure that only one
 * thread at a time runs hooks.
 */
public final class HookThread {
    // Not volatile: a thread compares the field with itself alone, and has written that value itself, or null after it.
    private @Nullable Thread running;

    /**
     * Runs a hook with a cleared interrupt flag, which is restored afterwards.
     *
     * @return what the hook threw, or null
     */
    public @Nullable Throwable run(CommitHook hook, long firstId) {
        boolean interrupted = Thread.interrupted();
        running = Thread.currentThread();
        try {
            hook.committed(firstId);
            return null;
        } catch (Throwable e) {
            return e;
        } finally {
            running = null;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Refuses a call that a hook makes, because the call would wait for the hook itself.
     *
     * @throws IllegalStateException if the calling thread is running a hook of this log
     */
    public void refuseHook() {
        if (running == Thread.currentThread()) {
            throw new IllegalStateException(
                    "a commit hook must not append, truncate, trim, reset, sync or close its log, "
                            + "or wait for a record: the call would wait for the hook itself. Nothing was changed. Make the call "
                            + "after the append has returned, or on a thread that the hook does not wait for.");
        }
    }
}
