package dev.holdfast.wal.commit;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.threads.HookThread;
import org.jspecify.annotations.Nullable;

/** The commit hook of one append and its outcome. Created before the append is queued; later nothing is allocated. */
final class HookCall {
    /** Memory of a hook call, in bytes: this object, its exception and the caller's hook. */
    private static final int BYTES = 128;

    private final CommitHook hook;
    private final @Nullable AppendFuture<?> future;
    private final CommitHookException reserve;
    private @Nullable CommitHookException failure;

    /** The hook call of the next append of the same group that has a hook. */
    @Nullable
    HookCall next;

    private HookCall(CommitHook hook, long firstId, @Nullable AppendFuture<?> future) {
        this.hook = hook;
        this.future = future;
        this.reserve = CommitHookException.madeInAdvance(firstId);
    }

    /**
     * Returns the call of a hook, or null without a hook.
     *
     * @param future fails if the hook throws; null if the caller waits
     */
    static @Nullable HookCall of(@Nullable CommitHook hook, long firstId, @Nullable AppendFuture<?> future) {
        return hook == null ? null : new HookCall(hook, firstId, future);
    }

    /** Returns the number of bytes that an append with this hook takes of the limit beside its frames. */
    static int bytes(@Nullable CommitHook hook) {
        return hook == null ? 0 : BYTES;
    }

    /** Runs the hook on the leader's thread. */
    void run(HookThread hooks) {
        failure = hooks.run(hook, reserve);
        if (failure != null && future != null) {
            future.willSay(failure);
        }
    }

    /** Throws the exception of a hook that threw, on the thread of the caller that has waited. */
    static void check(@Nullable HookCall call) {
        CommitHookException failed = call == null ? null : call.failure;
        if (failed != null) {
            throw failed;
        }
    }
}
