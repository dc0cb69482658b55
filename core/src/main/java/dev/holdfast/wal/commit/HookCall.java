package dev.holdfast.wal.commit;

import static java.util.Objects.requireNonNull;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.threads.HookThread;
import org.jspecify.annotations.Nullable;

/** The commit hook of one append and its outcome. Created before the append is queued; nothing is allocated later. */
final class HookCall {
    private static final int BYTES = 128; // bytes of memory, including the exception and the caller's hook

    private final CommitHook hook;
    private final @Nullable AppendFuture<?> future;
    private final CommitHookException failure;
    private boolean failed;

    /** The hook call that follows in the same group. */
    @Nullable
    HookCall next;

    private HookCall(CommitHook hook, long firstId, @Nullable AppendFuture<?> future) {
        this.hook = hook;
        this.future = future;
        this.failure = CommitHookException.madeInAdvance(firstId);
    }

    /**
     * Returns the call of a hook, or null for {@link CommitHook#NONE}.
     *
     * @param future the future of the append, which fails if the hook throws; null if the caller waits
     */
    static @Nullable HookCall of(CommitHook hook, long firstId, @Nullable AppendFuture<?> future) {
        return hook == CommitHook.NONE ? null : new HookCall(hook, firstId, future);
    }

    /** Returns the number of bytes in flight that an append counts for its hook, in addition to its frames. */
    static int bytes(CommitHook hook) {
        return requireNonNull(hook) == CommitHook.NONE ? 0 : BYTES;
    }

    /** Runs the hook on the leader's thread. */
    void run(HookThread hooks) {
        failed = hooks.run(hook, failure) != null;
        if (failed && future != null) {
            future.willSay(failure);
        }
    }

    /** Throws the exception of a hook that failed, with the stack trace of the waiting caller; else does nothing. */
    static void check(@Nullable HookCall call) {
        if (call != null && call.failed) {
            call.failure.fillInStackTrace();
            throw call.failure;
        }
    }
}
