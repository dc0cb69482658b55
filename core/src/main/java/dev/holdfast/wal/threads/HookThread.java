package dev.holdfast.wal.threads;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import org.jspecify.annotations.Nullable;

/**
 * Runs the commit hooks of one log, and refuses calls that a hook must not make. The log makes sure that only one
 * thread at a time runs hooks.
 */
public final class HookThread {
    // Not volatile: a thread only compares the field with itself, and only that thread ever writes this value.
    private @Nullable Thread running;

    /**
     * Runs a hook with a cleared interrupt flag, which is restored afterwards.
     *
     * @param reserve an exception {@linkplain CommitHookException#madeInAdvance made} before the append was queued; it
     *     names the id, and is returned if there is no memory for another exception
     * @return the exception for the hook's append, or null if the hook threw nothing
     */
    public @Nullable CommitHookException run(CommitHook hook, CommitHookException reserve) {
        boolean interrupted = Thread.interrupted();
        running = Thread.currentThread();
        try {
            hook.committed(reserve.firstId());
            return null;
        } catch (Throwable e) {
            return failure(reserve, e);
        } finally {
            running = null;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static CommitHookException failure(CommitHookException reserve, Throwable cause) {
        try {
            return new CommitHookException(reserve.firstId(), cause);
        } catch (OutOfMemoryError | StackOverflowError e) {
            reserve.initCause(cause);
            return reserve;
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
