package dev.holdfast.wal.commit;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.threads.Environment;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Group commit. Concurrent appends share one synced write; there is no writer thread, no timer and no delay.
 * docs/design.md describes the steps of an append. If every waiting append is asynchronous, a thread of the log leads.
 *
 * <p><i>Refusal.</i> If a group is refused (the disk is full), every append queued behind it is refused with the same
 * exception, and their ids become free again. <i>Failure.</i> If a write or a sync fails, the log fails: everything
 * queued fails with that exception, and nothing is written again.
 *
 * <p><i>Memory.</i> All memory is reserved before a byte is copied into a group. After that nothing is allocated, or
 * the allocation is optional. An append that throws {@link OutOfMemoryError} has therefore changed nothing, and a
 * leader continues after such an error. {@link StackProbe} reserves stack in the same way. If a leader dies
 * nevertheless, the log fails, and the next leader completes all callers with the failure.
 */
public final class CommitQueue {
    /** A hook that also hears, on the caller's thread, that its append is queued and the caller is about to wait. */
    public interface QueuedHook extends CommitHook {
        void queued();
    }

    private final String logName;
    private final CatalogHolder published;
    private final Tail tail;
    private final QueuedItems items;
    private final ReentrantLock lock;
    private final Admission admission;
    private final Completer completer;
    private final IdleMarker idle;
    private final Leadership leadership;
    private final Pool<Waiter> waiters = new Pool<>(64, Waiter::new);
    private volatile @Nullable Operation closing;
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    /** Creates the queue of a log, whose leader writes to a tail that publishes to {@code published}. */
    public CommitQueue(
            String logName, LogSettings settings, Environment environment, Tail tail, CatalogHolder published) {
        this.logName = logName;
        this.published = published;
        this.tail = tail;
        this.items = new QueuedItems(published, settings.segmentBytes());
        this.lock = items.lock;
        this.admission = new Admission(logName, settings.maxBytesInFlight(), lock);
        this.completer = new Completer(logName, environment.completing(), admission, lock);
        this.idle = new IdleMarker(environment, this::onIdleTime);
        StackProbe.QUEUE.check(); // initializes the class: a first append without memory would make it unusable
        this.leadership = new Leadership(items, tail, admission, completer, idle, environment.writing());
    }

    /**
     * Appends a record, or a batch of at least one, and returns the id of the first record when all are durable. No
     * type wraps a single record, because the wrapper would be garbage of each append.
     *
     * @param data a {@code byte[]}, a {@link ByteBuffer} or a {@link Batch}
     * @param from index of the first byte of data in a buffer. The caller reads the position of the buffer only once,
     *     because a hook that runs meanwhile may move it. 0 if data is no buffer
     * @param dataBytes number of bytes of data in all records
     * @param hook runs when the records are durable and visible, before this method returns
     */
    public long append(Object data, int from, long dataBytes, CommitHook hook) throws IOException {
        StackProbe.WRITE.check();
        Waiter waiter = waiters.take();
        long id;
        try {
            lock.lock();
            try {
                id = enqueue(waiter, data, from, dataBytes, hook);
                leadership.offer(waiter);
            } finally {
                lock.unlock();
            }
            if (hook instanceof QueuedHook queued) queued.queued();
            if (waiter.awaitTurn()) {
                leadership.lead(waiter);
            }
            waiter.end();
        } catch (Throwable e) {
            leadership.left(waiter);
            throw e;
        }
        waiters.give(waiter);
        return id;
    }

    /**
     * Appends as {@link #append} does, without waiting.
     *
     * @param outcome maps the id of the first record to the result of the future
     */
    public <T> CompletableFuture<T> appendAsync(
            Object data, int from, long dataBytes, CommitHook hook, LongFunction<@Nullable T> outcome) {
        StackProbe.QUEUE.check();
        AppendFuture<T> future = new AppendFuture<>(outcome);
        boolean lead;
        lock.lock();
        try {
            if (!leadership.isTaken()) {
                StackProbe.WRITE.check();
            }
            enqueue(future, data, from, dataBytes, hook);
            lead = leadership.offer(future);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.unlock();
        }
        if (lead) {
            leadership.lead(null);
        }
        return future;
    }

    /** Admits and queues an append, and returns the id of its first record. Called under the lock. */
    private long enqueue(Caller caller, Object data, int from, long dataBytes, CommitHook hook) throws IOException {
        int count = data instanceof Batch batch ? batch.count() : 1;
        OptionalLong firstId = data instanceof Batch batch ? batch.firstId() : OptionalLong.empty();
        long frameBytes = dataBytes + (long) count * Frame.bytes(0);
        long bytes = Admission.bytes(frameBytes, hook);
        admit(bytes, caller);
        long id = items.idFor(firstId, count); // seam: append-id
        if (caller instanceof AppendFuture<?> future) {
            future.assigned(id, bytes);
        }
        Group.HookCall call = hook == CommitHook.NONE
                ? null
                : new Group.HookCall(hook, published.hooks(), caller, CommitHookException.madeInAdvance(id));
        Group group = items.groupFor(id, frameBytes);
        try {
            group.add(data, from, frameBytes);
            items.added(group, id, count);
            admission.add(bytes);
            group.join(caller, bytes, call);
            if (caller instanceof Waiter waiter) {
                waiter.begin();
            }
            return id;
        } catch (Throwable e) {
            // A buffer that cannot be read adds nothing. If the thread was stopped after records were added, no id is
            // right.
            if (group.records.lastId() >= id) {
                tail.fail(e);
            }
            throw e;
        }
    }

    /** Waits until there is room for the bytes in flight of an append, and leads meanwhile if no other thread does. */
    private void admit(long bytes, Caller caller) throws IOException {
        checkWritable();
        while (!admission.hasRoom(bytes, caller)) {
            lock.unlock();
            try {
                leadership.leadIfNobodyDoes();
            } finally {
                lock.lock();
            }
            admission.awaitRoom(bytes, caller);
            checkWritable();
        }
        if (caller instanceof AppendFuture) {
            admission.refuseExcess(bytes);
            completer.hold();
        }
    }

    private void checkWritable() throws IOException {
        published.hooks().refuseHook();
        if (isClosing()) { // seam: append-open
            throw new IllegalStateException("the log is closed: " + logName);
        }
        IOException failed = tail.failure();
        if (failed != null) throw new LogFailedException(String.valueOf(failed.getMessage()), failed);
    }

    public void truncate(long lastToKeep) throws IOException {
        operate(last -> last.truncate(lastToKeep), ids -> ids.truncate(lastToKeep));
        tail.removeDead();
    }

    public void trim(long discardUpTo) throws IOException {
        operate(last -> last.trim(discardUpTo), ids -> ids.trim(discardUpTo));
        tail.removeDead();
    }

    public void reset(long nextId) throws IOException {
        operate(last -> last.reset(nextId), ids -> ids.reset(nextId));
        tail.removeDead();
    }

    public void sync() throws IOException {
        operate(Tail::sync, ids -> {});
    }

    private void operate(Operation.Action action, Consumer<IdSpan> effect) throws IOException {
        StackProbe.CHANGE.check();
        perform(new Operation(action, effect), () -> true);
    }

    /** Queues an operation if a condition, checked under the lock, holds. Waits until the operation is done. */
    private void perform(Operation operation, BooleanSupplier condition) throws IOException {
        Waiter waiter = operation.waiters.get(0);
        try {
            lock.lock();
            try {
                if (!condition.getAsBoolean()) return;
                if (operation != closing) {
                    checkWritable();
                }
                items.add(operation);
                waiter.begin();
                leadership.offer(waiter);
            } finally {
                lock.unlock();
            }
            if (waiter.awaitTurn()) {
                leadership.lead(waiter);
            }
            waiter.end();
        } catch (Throwable e) {
            leadership.left(waiter);
            throw e;
        }
    }

    private void onIdleTime() {
        try {
            perform(new Operation(Tail::markIdle, ids -> {}), () -> {
                boolean due = tail.failure() == null && idle.isDue(items);
                if (due) {
                    completer.letGo();
                }
                return due;
            });
        } catch (IOException e) {
            // The log has failed, and the next append reports it.
            return;
        }
    }

    /**
     * Waits for everything queued, then marks the log as closed and closes its tail. The tail of a failed log is closed
     * without writing. Later calls wait for the first.
     *
     * @param after resource that the first call closes after the tail, even if closing the tail throws
     */
    public void close(Closeable after) throws IOException {
        published.hooks().refuseHook();
        StackProbe.CHANGE.check();
        Operation operation = new Operation(Tail::close, ids -> {});
        try {
            perform(operation, () -> {
                if (closing != null) return false;
                closing = operation;
                idle.stop();
                return true;
            });
        } finally {
            if (closing == operation) {
                completer.letGo();
                try {
                    after.close();
                } finally {
                    closed.complete(null);
                }
            }
        }
        closed.join();
    }

    public boolean isClosing() {
        return closing != null; // seam: is-closing
    }

    public LogStats.Builder stats() {
        IOException failed = tail.failure();
        LogStats.State open = failed == null ? LogStats.State.OPEN : LogStats.State.FAILED;
        LogStats.Builder stats = published.catalog().stats(isClosing() ? LogStats.State.CLOSED : open);
        return tail.addTo(stats).cause(failed);
    }
}
