package dev.holdfast.wal.commit;

import static java.util.Objects.requireNonNull;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.threads.HookThread;
import org.jspecify.annotations.Nullable;

/**
 * The commit hook of one append. Created before the append is queued; nothing is allocated later.
 *
 * @param failure the exception that the caller receives if the hook throws
 */
record HookCall(CommitHook hook, HookThread hooks, Caller caller, CommitHookException failure) {
    private static final int BYTES = 128; // bytes of memory, including the exception and the caller's hook

    /** Returns the call of a hook, or null for {@link CommitHook#NONE}. */
    static @Nullable HookCall of(CommitHook hook, HookThread hooks, Caller caller, long firstId) {
        return hook == CommitHook.NONE
                ? null
                : new HookCall(hook, hooks, caller, CommitHookException.madeInAdvance(firstId));
    }

    /** Returns the number of bytes in flight that an append counts for its hook, in addition to its frames. */
    static int bytes(CommitHook hook) {
        return requireNonNull(hook) == CommitHook.NONE ? 0 : BYTES;
    }

    /** Runs the hook on the leader's thread. */
    void run() {
        if (hooks.run(hook, failure) != null) {
            caller.hookFailed(failure);
        }
    }
}
