package dev.holdfast.wal.threads;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import org.jspecify.annotations.Nullable;

/** Runs the commit hooks of one log, one at a time, and refuses calls that a hook must not make. */
public final class HookThread {
    // Not volatile: a thread only checks whether the field is this thread, a value that no other thread writes.
    private @Nullable Thread running;

    /**
     * Runs a hook with a cleared interrupt flag, which is restored afterwards.
     *
     * @param failure an exception {@linkplain CommitHookException#madeInAdvance made in advance} for the append
     * @return {@code failure} if the hook threw something, otherwise null
     */
    public @Nullable CommitHookException run(CommitHook hook, CommitHookException failure) {
        boolean interrupted = Thread.interrupted();
        running = Thread.currentThread();
        try {
            hook.committed(failure.firstId());
            return null;
        } catch (Throwable e) {
            failure.initCause(e);
            failure.fillInStackTrace();
            return failure;
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
