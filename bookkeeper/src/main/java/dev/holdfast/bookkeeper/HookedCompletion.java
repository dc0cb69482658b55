package dev.holdfast.bookkeeper;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.threads.HookThread;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Completes an append: runs its commit hook if it has one, and then completes the call.
 *
 * <p>The owner's thread must not run a hook, because a hook may block. So it hands the append over to the queue of
 * hooks, which runs hooks in the order of ids. An append without a hook passes through that queue too if a hook before
 * it has not run yet, so that appends complete in the order of ids.
 */
final class HookedCompletion extends TaskQueue.Task implements Completion {
    private final CommitHook hook;
    private final Completion call;
    private final TaskQueue hooks;
    private final HookThread hookThread;
    private long firstId;
    private @Nullable CommitHookException reserve;
    private @Nullable IOException failure;
    private boolean hasRun;
    private @Nullable CommitHookException hookFailure;

    /**
     * Creates the completion of an append.
     *
     * @param call completed after the hook
     * @param hooks runs the hook; the caller must have reserved this queue if there is a hook
     */
    HookedCompletion(CommitHook hook, Completion call, TaskQueue hooks, HookThread hookThread) {
        this.hook = hook;
        this.call = call;
        this.hooks = hooks;
        this.hookThread = hookThread;
    }

    @Override
    public void numbered(long newFirstId) {
        firstId = newFirstId;
        // Created now, because there may be no memory left after the hook has run.
        reserve = hook == CommitHook.NONE ? null : CommitHookException.madeInAdvance(newFirstId);
    }

    /** Returns the id of the first record, once the append is queued. */
    long firstId() {
        return firstId;
    }

    /** Returns the exception for the caller of the append if the commit hook has thrown; null otherwise. */
    @Nullable
    CommitHookException hookFailure() {
        return hookFailure;
    }

    @Override
    public void complete(@Nullable IOException newFailure) {
        failure = newFailure;
        if (hook != CommitHook.NONE) {
            hooks.hand(this);
        } else if (!hooks.handIfBusy(this)) {
            call.complete(newFailure);
        }
    }

    @Override
    void run() {
        CommitHookException ifThrown = reserve;
        if (ifThrown != null && failure == null && !hasRun) {
            hasRun = true; // a task that fails is repeated, but a hook is not
            hookFailure = hookThread.run(hook, ifThrown);
        }
        call.complete(failure);
    }
}
