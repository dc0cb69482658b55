package dev.holdfast.wal.commit;

import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.threads.HookThread;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Appends that share one write and one sync: their records, hooks, waiting callers and futures. */
final class Group implements QueueItem {
    private static final int FIRST_WAITERS = 16;

    private final GroupBuffer records = new GroupBuffer();
    private final AppendFuture.Chain futures = new AppendFuture.Chain();
    private @Nullable Waiter[] waiters = new Waiter[FIRST_WAITERS];
    private int waiterCount;
    private @Nullable HookCall firstHook;
    private @Nullable HookCall lastHook;
    private int acceptedLength;
    private int acceptedCount;
    private long waitingBytes;
    private long futureBytes;
    private @Nullable IOException refusal;

    /** Empties the group and sets the id of its first record. */
    Group begin(long firstId) {
        records.clear(firstId);
        accept();
        Arrays.fill(waiters, 0, waiterCount, null);
        waiterCount = 0;
        refusal = null;
        return this;
    }

    /**
     * Makes room for a batch and its caller.
     *
     * @throws OutOfMemoryError if there is no memory; the group is unchanged
     */
    Group reserve(long frameBytes) {
        records.reserve(Math.toIntExact(frameBytes));
        if (waiterCount == waiters.length) {
            waiters = Arrays.copyOf(waiters, 2 * waiters.length);
        }
        return this;
    }

    GroupBuffer records() {
        return records;
    }

    /**
     * Copies a record from a {@code byte[]} or a {@link ByteBuffer}, or a batch from a {@code ByteBuffer[]}. The copy
     * is not part of the group before {@link #accept}. If reading the buffer throws at any point, the copy is dropped.
     */
    void copy(Object data, int from, long frameBytes) {
        int dataBytes = (int) frameBytes - Frame.bytes(0);
        boolean direct = false;
        if (data instanceof byte[] array) {
            records.add(array, from, dataBytes, true);
        } else if (data instanceof ByteBuffer one) {
            direct = one.isDirect();
            records.add(one, from, dataBytes, true);
        } else if (data instanceof ByteBuffer[] batch) {
            for (int i = 0; i < batch.length; i++) {
                direct |= batch[i].isDirect();
                records.add(batch[i], batch[i].position(), batch[i].remaining(), i == batch.length - 1);
            }
        }
        if (direct) {
            // JDK 17 reports a fault of a mapped file only when the thread next enters the VM. No compiler creates an
            // array of arrays of unknown length without the VM, so the fault is reported here. The length is 0.
            direct = new byte[waiterCount >>> 31][1].length > 0;
        }
    }

    void accept() {
        acceptedLength = records.length();
        acceptedCount = records.count();
    }

    private void dropUnaccepted() {
        records.rollback(acceptedLength, acceptedCount); // seam: batch-rollback
    }

    /** Returns whether a batch may join: its first id follows the group's last, and the group stays within a limit. */
    boolean takes(long firstId, long frameBytes, long maxBytes) {
        dropUnaccepted();
        return records.lastId() + 1 == firstId && records.length() + frameBytes <= maxBytes;
    }

    long dataBytes() {
        return records.length() - Layout.GROUP_HEADER_BYTES - (long) records.count() * Frame.bytes(0);
    }

    /** Returns the bytes in flight of the callers that wait. */
    long waitingBytes() {
        return waitingBytes;
    }

    /** Returns the bytes in flight of the futures. */
    long futureBytes() {
        return futureBytes;
    }

    void join(Waiter waiter, long bytes) {
        waiters[waiterCount++] = waiter;
        waitingBytes += bytes;
    }

    void join(AppendFuture<?> future) {
        futures.add(future);
        futureBytes += future.bytesInFlight();
    }

    /** Adds the hook of the append that joined last, if that append has a hook. Allocates nothing. */
    void join(@Nullable HookCall hook) {
        if (hook == null) {
            return;
        }
        if (lastHook == null) { // seam: hook-order
            firstHook = hook;
        } else {
            lastHook.next = hook;
        }
        lastHook = hook;
    }

    /** Runs the hooks of the group's appends in id order. */
    void runHooks(HookThread hooks) {
        for (HookCall hook = firstHook; hook != null; hook = hook.next) {
            hook.run(hooks);
        }
    }

    AppendFuture.Chain futures() {
        return futures;
    }

    /** Resets the bytes in flight and drops the hooks. */
    void settled() {
        firstHook = null;
        lastHook = null;
        waitingBytes = 0;
        futureBytes = 0;
    }

    /** Refuses the group. Nothing of the group is written. */
    void refuse(IOException why) {
        refusal = why;
    }

    @Override
    public @Nullable IOException refusal() {
        return refusal;
    }

    @Override
    public boolean hasFutures() {
        return !futures.isEmpty();
    }

    @Override
    public void run(Tail tail) throws IOException {
        dropUnaccepted();
        if (records.count() > 0) { // seam: group-not-empty
            tail.write(records);
        }
    }

    @Override
    public void done(@Nullable IOException failure) {
        for (int i = 0; i < waiterCount; i++) {
            waiter(i).done(failure);
        }
        if (failure != null) {
            futures.willFail(failure);
        }
    }

    @Override
    public void wake() {
        for (int i = 0; i < waiterCount; i++) {
            waiter(i).wake();
        }
    }

    private Waiter waiter(int number) {
        Waiter waiter = waiters[number];
        if (waiter == null) {
            throw new AssertionError("no waiter " + number + " of " + waiterCount);
        }
        return waiter;
    }

    @Override
    public @Nullable Waiter waiter() {
        return waiterCount == 0 ? null : waiters[0];
    }
}
