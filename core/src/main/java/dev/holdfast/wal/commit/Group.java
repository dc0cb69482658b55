package dev.holdfast.wal.commit;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.threads.HookThread;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** Appends that share one write and one sync: their records, hooks, waiting callers and futures. */
final class Group extends QueueItem {
    final GroupBuffer records = new GroupBuffer();
    private final ArrayList<HookCall> hooks = new ArrayList<>(4); // with a capacity, as the waiters

    long bytesInFlight;
    long futureBytes; // bytes in flight of the appends with futures

    /** The hook of an append and the exception that its caller gets if it throws, both created before queueing. */
    record HookCall(CommitHook hook, HookThread hooks, Caller caller, CommitHookException failure) {}

    Group begin(long firstId) {
        records.clear(firstId);
        waiters.clear();
        refusal = null;
        return this;
    }

    /**
     * Makes room for a batch, its caller and its hook.
     *
     * @throws OutOfMemoryError if there is no memory; the group is unchanged
     */
    Group reserve(long frameBytes) {
        records.reserve(Math.toIntExact(frameBytes));
        waiters.ensureCapacity(waiters.size() + 1);
        hooks.ensureCapacity(hooks.size() + 1);
        return this;
    }

    /**
     * Adds the record in a {@code byte[]} or a {@link ByteBuffer}, or a {@link Batch}. If reading a buffer throws at
     * any point, nothing is added.
     */
    void add(Object data, int from, long frameBytes) {
        if (data instanceof byte[] array) {
            records.add(array, 0, array.length);
        } else if (data instanceof ByteBuffer one) {
            records.add(one, from, (int) frameBytes - Frame.bytes(0));
        } else if (data instanceof Batch batch) {
            records.addBatch(batch.data()); // seam: batch-added
        }
    }

    /** Adds the caller of the records added last, and its hook. Allocates nothing after {@link #reserve}. */
    void join(Caller caller, long bytes, @Nullable HookCall hook) {
        bytesInFlight += bytes;
        if (hook != null) {
            hooks.add(hook); // seam: hook-order
        }
        if (caller instanceof AppendFuture<?> future) {
            futures.add(future);
            futureBytes += bytes;
        } else if (caller instanceof Waiter waiter) {
            waiters.add(waiter);
        }
    }

    /** Runs the hooks of the group's appends in id order, on the leader's thread. */
    void runHooks() {
        for (int i = 0; i < hooks.size(); i++) {
            HookCall call = hooks.get(i);
            if (call.hooks.run(call.hook, call.failure) != null) {
                call.caller.hookFailed(call.failure);
            }
        }
    }

    void settled() {
        hooks.clear();
        bytesInFlight = 0;
        futureBytes = 0;
    }
}
