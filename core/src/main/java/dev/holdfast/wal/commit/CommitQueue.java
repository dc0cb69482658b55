package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.ids.IdSpan;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Group commit. Concurrent appends share one synced write; there is no writer thread, no timer and no delay.
 *
 * <p>An append runs in three steps. (1) Under the queue's lock, which is never held during I/O, the caller copies its
 * records into the last group and receives their ids. (2) If no thread is the leader, the caller becomes the leader;
 * otherwise it waits. (3) The leader takes items from the head of the queue: it writes each group with one synced
 * write, publishes it to readers, runs its commit hooks in id order and completes its callers. When its own records are
 * durable, the leader passes leadership to a caller waiting in the next group, and only then wakes the callers of its
 * own group. The disk stays busy while they wake up. If every waiting append is asynchronous, no caller can lead, so a
 * thread of the log becomes the leader.
 *
 * <p><i>Ids.</i> {@link IdSpan} assigns ids when records are queued. The span runs ahead of the disk: it describes the
 * log as it will be when every queued item is done.
 *
 * <p><i>Refusal.</i> If a group is refused (the disk is full), every append queued behind it is refused with the same
 * exception, and their ids become free again. <i>Failure.</i> If a write or a sync fails, the log fails: everything
 * queued fails with that exception, and nothing is written again.
 *
 * <p><i>Memory.</i> All memory is reserved before a byte is copied into a group. After that nothing is allocated, or
 * the allocation is optional. An append that throws {@link OutOfMemoryError} has therefore changed nothing, and a
 * leader continues after such an error. {@link StackProbe} reserves stack in the same way. If a leader dies
 * nevertheless, the log fails, and the next leader completes all callers with the failure.
 *
 * <p><i>Interrupts.</i> The leader uses calls that an interrupt does not end, and waiting callers go back to sleep.
 */
public final class CommitQueue {
    private static final int MAX_GROUP_BYTES = 1 << 20;
    private static final int FIRST_ITEMS = 64;

    /** Number of times that a leader tries to get the lock before it sleeps. All tries take a few microseconds. */
    private static final int SPINS = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final Pool<Group> groups = new Pool<>(4, Group::new);
    private final Pool<Waiter> waiters = new Pool<>(64, Waiter::new);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private final String logName;
    private final Tail tail;
    private final CatalogHolder published;
    private final long maxGroupBytes;
    private final InFlight inFlight;
    private final Executor writing;
    private final Executor afterIdleTime;
    private final Runnable leadIfNobodyDoes = this::leadIfNobodyDoes;
    private final Runnable onIdleTime = this::onIdleTime;
    private final LongSupplier nanoTime;
    private final long idleNanos;

    // Created in advance, because there may be no memory or no stack for it later.
    private final LogFailedException failedWithoutMemory = LogFailedException.madeInAdvance(
            "out of memory while writing; the log takes no appends until it is reopened");

    private final IdSpan end = new IdSpan();
    private ArrayDeque<QueueItem> items = new ArrayDeque<>(FIRST_ITEMS);
    private int roomForItems = FIRST_ITEMS;
    private @Nullable Group open;
    private boolean leading;
    private boolean leaderAsked;
    private volatile boolean closing;
    private boolean idleScheduled;
    private long lastGroupNanos;
    private long nextTimerNanos;

    // The leader's current item, which stays here if the leader dies, and the number of leaders that died.
    private @Nullable QueueItem inHand;
    private int deaths;
    private volatile @Nullable IOException failure;
    private @Nullable Operation closeOperation;
    private final AtomicLong appendedRecords = new AtomicLong();
    private final AtomicLong appendedBytes = new AtomicLong();
    private final AtomicLong groupsWritten = new AtomicLong();

    /**
     * Counters of a queue.
     *
     * @param failure the failure of the log, null if it has not failed
     */
    public record Figures(
            long records, long bytes, long groups, @Nullable IOException failure) {}

    /**
     * Creates the queue of a log.
     *
     * @param logName the name of the log, for messages
     * @param maxGroupBytes maximum size of a group in bytes; only a single batch may form a larger group
     * @param writing runs a leader if no waiting caller can lead
     * @param completing completes futures in the given order
     * @param afterIdleTime runs a task {@code idleNanos} later
     */
    public CommitQueue(
            String logName,
            Tail tail,
            CatalogHolder published,
            long maxBytesInFlight,
            long maxGroupBytes,
            Executor writing,
            Executor completing,
            Executor afterIdleTime,
            LongSupplier nanoTime,
            long idleNanos) {
        this.logName = logName;
        this.tail = tail;
        this.published = published;
        this.inFlight = new InFlight(logName, lock, maxBytesInFlight, completing);
        this.maxGroupBytes = Math.min(MAX_GROUP_BYTES, maxGroupBytes);
        this.writing = writing;
        this.afterIdleTime = afterIdleTime;
        this.nanoTime = nanoTime;
        this.idleNanos = idleNanos;
        this.nextTimerNanos = nanoTime.getAsLong();
        restoreEnd();
    }

    /**
     * Appends one record and returns its id when the record is durable.
     *
     * @param from index of the first byte of data in the buffer
     * @param dataBytes number of bytes of data
     */
    public long append(ByteBuffer data, int from, int dataBytes, CommitHook hook) throws IOException {
        return append(data, from, Frame.bytes(dataBytes), 1, OptionalLong.empty(), hook);
    }

    public long append(byte[] data) throws IOException {
        return append(data, 0, Frame.bytes(data.length), 1, OptionalLong.empty(), CommitHook.NONE);
    }

    public CompletableFuture<Long> appendAsync(ByteBuffer data, int from, int dataBytes, CommitHook hook) {
        return appendAsync(data, from, Frame.bytes(dataBytes), 1, OptionalLong.empty(), hook, id -> id);
    }

    /**
     * Appends a batch of at least one record and returns the id of the first record when all are durable.
     *
     * @param batch buffers whose positions no other code changes
     * @param firstId the id of the first record; if empty, the log assigns it
     * @param hook runs when the records are durable and visible, before this method returns
     */
    public long append(ByteBuffer[] batch, OptionalLong firstId, CommitHook hook) throws IOException {
        return append(batch, 0, frameBytes(batch), batch.length, firstId, hook);
    }

    /**
     * Appends a batch as {@link #append(ByteBuffer[], OptionalLong, CommitHook)} does, without waiting.
     *
     * @param outcome maps the id of the first record to the result of the future
     */
    public <T> CompletableFuture<T> appendAsync(
            ByteBuffer[] batch, OptionalLong firstId, CommitHook hook, LongFunction<@Nullable T> outcome) {
        return appendAsync(batch, 0, frameBytes(batch), batch.length, firstId, hook, outcome);
    }

    private long append(Object data, int from, long frameBytes, int count, OptionalLong firstId, CommitHook hook)
            throws IOException {
        StackProbe.WRITE.check();
        long bytes = InFlight.bytes(frameBytes) + HookCall.bytes(hook);
        Waiter waiter = waiters.take();
        HookCall call;
        long id; // seam: append-id-declared
        try {
            lock.lock();
            try {
                admit(bytes);
                id = idFor(firstId, count); // seam: append-id
                call = HookCall.of(hook, id, null);
                Group group = groupFor(id, frameBytes);
                group.copy(data, from, frameBytes);
                enqueue(group, id, count, bytes, waiter, call);
            } finally {
                lock.unlock();
            }
            await(waiter);
        } catch (Throwable e) {
            left(waiter);
            throw e;
        }
        waiters.give(waiter);
        HookCall.check(call);
        return id;
    }

    private <T> CompletableFuture<T> appendAsync(
            Object data,
            int from,
            long frameBytes,
            int count,
            OptionalLong firstId,
            CommitHook hook,
            LongFunction<@Nullable T> outcome) {
        StackProbe.QUEUE.check();
        AppendFuture<T> future = new AppendFuture<>(InFlight.bytes(frameBytes) + HookCall.bytes(hook));
        boolean lead;
        lock.lock();
        try {
            if (!leading) {
                StackProbe.WRITE.check();
            }
            admit(future);
            long id = idFor(firstId, count);
            future.willSay(outcome.apply(id));
            HookCall call = HookCall.of(hook, id, future);
            Group group = groupFor(id, frameBytes);
            group.copy(data, from, frameBytes);
            lead = enqueue(group, id, count, future, call);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.unlock();
        }
        if (lead) {
            lead(null);
        }
        return future;
    }

    private static long frameBytes(ByteBuffer[] batch) {
        long bytes = (long) batch.length * Frame.bytes(0);
        for (ByteBuffer data : batch) {
            bytes += data.remaining();
        }
        return bytes;
    }

    private long idFor(OptionalLong firstId, int count) {
        return end.checkAppend(firstId, count);
    }

    /** Queues the records just copied into a group, and their caller. Fails only if the thread is stopped. */
    private void enqueue(Group group, long firstId, int count, long bytes, Waiter waiter, @Nullable HookCall call) {
        try {
            put(group, firstId, count);
            inFlight.add(bytes);
            group.join(waiter, bytes);
            group.join(call);
            waiter.begin();
            offerLead(waiter);
        } catch (Throwable e) {
            fail(e);
            throw e;
        }
    }

    /** Queues the records just copied into a group, and their future. Returns whether the calling thread must lead. */
    private boolean enqueue(Group group, long firstId, int count, AppendFuture<?> future, @Nullable HookCall call) {
        put(group, firstId, count);
        inFlight.add(future);
        group.join(future);
        group.join(call);
        if (leading || askForLeader()) {
            return false;
        }
        leading = true;
        return true;
    }

    private void put(Group group, long firstId, int count) {
        group.accept();
        end.append(firstId, count);
        if (group != open) {
            items.addLast(group);
            open = group;
        }
    }

    /** Waits until there is room for a number of bytes in flight. A batch larger than the limit is admitted alone. */
    private void admit(long bytes) throws IOException {
        checkWritable();
        while (!inFlight.hasRoom(bytes)) {
            awaitRoom(bytes, false);
        }
    }

    private void admit(AppendFuture<?> future) throws IOException {
        checkWritable();
        while (!inFlight.hasRoomForFuture(future.bytesInFlight())) {
            awaitRoom(future.bytesInFlight(), true);
        }
        inFlight.holdCompleter(future.bytesInFlight());
    }

    private void awaitRoom(long bytes, boolean future) throws IOException {
        if (leading || items.isEmpty()) {
            inFlight.awaitRoom(bytes, future);
        } else {
            leadInstead();
        }
        checkWritable();
    }

    /** Leads, because no other thread does, so that queued appends make room. Releases the lock meanwhile. */
    private void leadInstead() {
        leading = true;
        lock.unlock();
        try {
            lead(null);
        } finally {
            lock.lock();
        }
    }

    private void checkOpen() {
        if (closing) { // seam: append-open
            throw new IllegalStateException("the log is closed: " + logName);
        }
    }

    private void checkWritable() throws IOException {
        published.hooks().refuseHook();
        checkOpen();
        IOException failed = failure;
        if (failed != null) {
            throw new LogFailedException(String.valueOf(failed.getMessage()), failed);
        }
    }

    /**
     * Returns the last group of the queue if a batch may join it, otherwise a new group that is not queued yet. The
     * group has room for the batch, so nothing can fail after the batch is copied.
     */
    private Group groupFor(long firstId, long frameBytes) {
        Group last = open;
        if (last != null && last.takes(firstId, frameBytes, maxGroupBytes)) {
            return last.reserve(frameBytes);
        }
        reserveItem();
        return groups.take().begin(firstId).reserve(frameBytes);
    }

    /** Makes room for another item: a deque that runs out of memory while it grows by itself is corrupt. */
    private void reserveItem() {
        if (items.size() == roomForItems) {
            ArrayDeque<QueueItem> larger = new ArrayDeque<>(2 * roomForItems);
            larger.addAll(items);
            items = larger;
            roomForItems *= 2;
        }
    }

    /** Makes a caller the leader if there is none. */
    private void offerLead(Waiter waiter) {
        if (!leading) {
            leading = true;
            waiter.lead();
        }
    }

    /** Starts a leader on a thread of the log. Returns false if no thread is available. */
    private boolean askForLeader() {
        if (!leaderAsked) {
            try {
                writing.execute(leadIfNobodyDoes);
                leaderAsked = true;
            } catch (OutOfMemoryError | RejectedExecutionException e) {
                return false;
            }
        }
        return true;
    }

    /** Waits until the item of a waiter is done, and leads if the waiter is made the leader. */
    private void await(Waiter waiter) throws IOException {
        if (waiter.awaitTurn()) {
            lead(waiter);
        }
        IOException failed = waiter.end();
        if (failed != null) {
            throw failed;
        }
    }

    /**
     * Ends a call that throws. If the call's item is queued, the thread may still be made the leader, so it waits here
     * until the item is done.
     */
    private void left(Waiter waiter) {
        while (lock.isHeldByCurrentThread()) {
            lock.unlock();
        }
        if (!waiter.isDone() && waiter.awaitTurn()) {
            lead(waiter);
        }
        if (failure != null) {
            leadIfNobodyDoes();
        }
    }

    private void leadIfNobodyDoes() {
        lock.lock();
        try {
            leaderAsked = false;
            if (leading || (items.isEmpty() && inHand == null)) {
                return;
            }
            leading = true;
        } finally {
            lock.unlock();
        }
        lead(null);
    }

    /** Leads until the item of {@code own} is done; if null, until no item is left or a caller can lead. */
    private void lead(@Nullable Waiter own) {
        QueueItem finished = inHand;
        IOException outcome = failure;
        boolean leads = true;
        boolean nobodyCompletes = false;
        try {
            if (finished != null) {
                finished.done(outcome); // The previous leader died while it worked on this item.
            }
            while (true) {
                QueueItem next;
                lockSoon();
                try {
                    if (finished instanceof Group group) {
                        settle(group, outcome);
                    }
                    inHand = null;
                    next = passOn(own) ? null : items.pollFirst();
                    leads = next != null;
                    inHand = next;
                    if (next == open) { // seam: group-closed
                        open = null;
                    }
                } finally {
                    lock.unlock();
                }
                if (finished != null) {
                    finished.wake();
                    reuse(finished);
                    finished = null;
                }
                if (next == null) {
                    break;
                }
                outcome = next.refusal() == null ? run(next) : next.refusal(); // seam: queue-run
                if (outcome == null && next instanceof Group group) {
                    count(group);
                    group.runHooks(published.hooks()); // seam: queue-hooks
                }
                next.done(outcome); // seam: queue-done
                if (next.hasFutures() && next instanceof Group group) {
                    nobodyCompletes = !inFlight.complete(group.futures());
                }
                if (outcome != null && isRefusal(outcome) && next.refusal() == null) {
                    refuseAppends(outcome);
                }
                finished = next;
            }
        } catch (Throwable e) {
            if (finished != null) {
                finished.wake();
            }
            if (leads) {
                die(e);
            }
            throw e;
        }
        if (nobodyCompletes) {
            inFlight.completeHere();
        }
    }

    /**
     * Handles the death of a leader: its thread has no stack left, or was stopped. Fails the log. All waiting callers
     * must then be completed with the failure. The same thread completes them, after it has returned to an outer frame.
     * If this thread dies again, a thread of the log or the next call completes them.
     */
    private void die(Throwable e) {
        boolean leadsAgain = ++deaths == 1;
        try {
            if (failure == null) {
                fail(e);
            }
        } finally {
            failure = failure == null ? failedWithoutMemory : failure;
            if (leadsAgain) {
                lead(null);
            } else {
                stopLeading();
            }
        }
        if (deaths == 2) {
            writing.execute(leadIfNobodyDoes);
        }
    }

    private void stopLeading() {
        lock.lock();
        try {
            leading = false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes the lock, which callers hold while they copy a record. Spins before it sleeps, because a wake-up takes
     * longer than all work of a leader between two writes, and the disk would be idle meanwhile (docs/decisions, 13).
     */
    private void lockSoon() {
        for (int i = 0; i < SPINS; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    /** Adds a group to the figures, before its callers are completed, so a caller finds its own records counted. */
    private void count(Group group) {
        appendedRecords.addAndGet(group.records().count());
        appendedBytes.addAndGet(group.dataBytes());
        groupsWritten.incrementAndGet();
    }

    private void reuse(QueueItem finished) {
        if (finished instanceof Group group) {
            groups.give(group);
        }
    }

    /** Passes leadership on if this leader is done. Returns whether the calling thread has stopped leading. */
    private boolean passOn(@Nullable Waiter own) {
        QueueItem head = items.peekFirst();
        if (head == null) {
            leading = false;
            return true;
        }
        Waiter waiter = head.waiter();
        boolean done = own == null ? waiter != null && !head.hasFutures() : own.isDone();
        if (!done) {
            return false;
        }
        if (waiter != null) {
            waiter.lead(); // seam: lead-passed
            return true;
        }
        leading = !askForLeader();
        return !leading;
    }

    /** Runs one item. Returns its failure, or null. */
    private @Nullable IOException run(QueueItem item) {
        IOException failed = failure;
        if (failed != null && item != closeOperation) {
            return failed;
        }
        try {
            item.run(tail);
            return null;
        } catch (CallRefusedException | CorruptLogException e) {
            return e;
        } catch (Throwable e) {
            return fail(e);
        }
    }

    /** Fails the log. Nothing is written again, because it is unknown which bytes of the last write are on the disk. */
    private IOException fail(Throwable cause) {
        LogFailedException failed;
        try {
            failed = new LogFailedException(
                    cause instanceof LogFilesChangedException
                            ? logName + ": takes no appends until it is reopened. " + cause.getMessage()
                            : logName + ": a write or sync failed (" + cause
                                    + "). Its bytes may be on the disk or not. The log takes no appends until it is "
                                    + "reopened, and opening decides. Records up to "
                                    + published.catalog().lastId() + " stay readable.",
                    cause);
        } catch (OutOfMemoryError | StackOverflowError e) {
            failed = failedWithoutMemory;
        }
        failure = failed; // seam: queue-failure
        tail.failed();
        return failed;
    }

    /** Returns whether an outcome is a refusal: nothing was written, and the log is unchanged. */
    private static boolean isRefusal(IOException outcome) {
        return outcome instanceof CallRefusedException || outcome instanceof CorruptLogException;
    }

    /** Refuses the appends behind a refused item, because their ids follow the refused ids. Allocates nothing. */
    private void refuseAppends(IOException refusal) {
        lock.lock();
        try {
            open = null;
            restoreEnd(); // seam: refused-ids
            for (int i = items.size(); i > 0; i--) {
                QueueItem item = items.removeFirst();
                if (item instanceof Operation operation) {
                    operation.applyTo(end);
                } else if (item instanceof Group group) {
                    group.refuse(refusal);
                }
                items.addLast(item);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Sets the ids at the end of the queue to those of the published log. */
    private void restoreEnd() {
        Catalog catalog = published.catalog();
        end.set(catalog.isEmpty() ? catalog.nextId() : catalog.firstId(), catalog.nextId(), catalog.isPinned());
    }

    /** Releases the bytes in flight of a finished group. Called under the lock. */
    private void settle(Group group, @Nullable IOException outcome) {
        inFlight.settle(group);
        if (outcome == null) {
            lastGroupNanos = nanoTime.getAsLong();
            scheduleIdle();
        }
    }

    private void scheduleIdle() {
        if (!idleScheduled && !closing && lastGroupNanos - nextTimerNanos >= 0) {
            try {
                afterIdleTime.execute(onIdleTime);
                idleScheduled = true;
            } catch (OutOfMemoryError | RejectedExecutionException e) {
                // A group after the idle time tries again. Not each group: a failed attempt takes longer than a write.
                nextTimerNanos = lastGroupNanos + idleNanos;
            }
        }
    }

    /** Writes an idle marker if nothing was appended during the idle time. */
    private void onIdleTime() {
        Waiter waiter;
        lock.lock();
        try {
            idleScheduled = false;
            if (closing || failure != null) {
                return;
            }
            if (!items.isEmpty() || nanoTime.getAsLong() - lastGroupNanos < idleNanos) {
                scheduleIdle();
                return;
            }
            inFlight.letCompleterGo();
            waiter = new Waiter();
            enqueue(new Operation(Tail::markIdle, ids -> {}, waiter));
        } finally {
            lock.unlock();
        }
        try {
            await(waiter);
        } catch (IOException e) {
            // The log has failed, and the next append reports it.
            return;
        } finally {
            left(waiter);
        }
    }

    private void enqueue(Operation operation) {
        Waiter waiter = operation.waiter();
        reserveItem();
        waiter.begin();
        items.addLast(operation);
        open = null;
        operation.applyTo(end);
        offerLead(waiter);
    }

    public void truncate(long lastToKeep) throws IOException {
        operate(tail -> tail.truncate(lastToKeep), ids -> ids.truncate(lastToKeep));
    }

    public void trim(long discardUpTo) throws IOException {
        operate(tail -> tail.trim(discardUpTo), ids -> ids.trim(discardUpTo));
    }

    public void reset(long nextId) throws IOException {
        operate(tail -> tail.reset(nextId), ids -> ids.reset(nextId));
    }

    public void sync() throws IOException {
        operate(Tail::sync, ids -> {});
    }

    private void operate(Operation.Action action, Consumer<IdSpan> effect) throws IOException {
        StackProbe.CHANGE.check();
        Waiter waiter = new Waiter();
        try {
            lock.lock();
            try {
                checkWritable();
                effect.accept(end.copy()); // a wrong argument throws before anything is queued
                enqueue(new Operation(action, effect, waiter));
            } finally {
                lock.unlock();
            }
            await(waiter);
        } catch (Throwable e) {
            left(waiter);
            throw e;
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
        Waiter waiter = new Waiter();
        Operation operation = new Operation(this::closeTail, ids -> {}, waiter);
        boolean first = false;
        try {
            lock.lock();
            try {
                if (!closing) {
                    enqueue(operation);
                    closeOperation = operation;
                    closing = true;
                    first = true;
                }
            } finally {
                lock.unlock();
            }
            if (first) {
                await(waiter);
            }
        } catch (Throwable e) {
            left(waiter);
            throw e;
        } finally {
            if (first) {
                try {
                    after.close();
                } finally {
                    closed.complete(null);
                }
            }
        }
        if (!first) {
            closed.join();
        }
    }

    private void closeTail(Tail last) throws IOException {
        IOException failed = failure;
        if (failed == null) { // seam: close-failed
            last.close();
            return;
        }
        last.abandon();
        if (last.owesSync()) {
            // The log may have failed while it wrote a marker. Then no call has reported the failure yet.
            throw failed;
        }
    }

    public boolean isClosing() {
        return closing; // seam: is-closing
    }

    public Figures figures() {
        return new Figures(appendedRecords.get(), appendedBytes.get(), groupsWritten.get(), failure);
    }
}
