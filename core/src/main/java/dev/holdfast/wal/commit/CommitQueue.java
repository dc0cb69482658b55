package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.CatalogHolder;
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
 * Group commit by leader and followers, without a thread of its own for callers that wait.
 *
 * <p>A caller copies its records into the group that is open at the end of the queue and gets their ids, under a lock
 * that nobody holds during I/O. If no thread leads, it leads: it takes the stages at the head of the queue one after
 * the other, writes each group in one synced write, shows it to readers and tells those who wait. Once its own records
 * are durable it hands the lead to a caller that waits in the next stage, and only then wakes the callers of its own
 * group, so that the disk is busy while they wake. So appends that arrive during a sync share the next one, however
 * many they are; there is no timer and no delay.
 *
 * <p>Where nobody waits who could lead ({@code appendAsync}), a thread of the log does.
 *
 * <p>Ids are given out when records are queued, by {@link IdSpan}, which runs ahead of the disk: it knows what the log
 * will hold once everything queued is done. If a stage is refused, so is every append behind it, and the ids go back.
 * If a write fails the whole log fails: whatever is queued fails with the same exception, and nothing is written any
 * more.
 *
 * <p>All memory that queueing takes is there before the first byte of a record is in a group, and what comes behind
 * allocates nothing, or does without: so a caller that is told of an {@link OutOfMemoryError} has changed nothing, and
 * a leader that meets one leads on. Stack is looked for in the same way ({@link StackProbe}). If the leader dies all
 * the same, the log fails, and whoever leads next tells everybody.
 *
 * <p>An interrupt concerns none of this: the leader writes with calls that no interrupt ends, the others sleep on.
 */
public final class CommitQueue {
    private static final int MAX_GROUP_BYTES = 1 << 20;
    private static final int FIRST_STAGES = 64;

    /** How often a leader tries to get the lock before it sleeps: a few microseconds. */
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

    // Made before it is needed, when there may be no memory to make it, or no stack.
    private final LogFailedException failedForWantOfMemory = LogFailedException.madeInAdvance(
            "out of memory while writing; the log takes no appends until it is reopened");

    private final IdSpan end = new IdSpan();
    private ArrayDeque<QueueItem> stages = new ArrayDeque<>(FIRST_STAGES);
    private int roomForStages = FIRST_STAGES;
    private @Nullable Group open;
    private boolean leading;
    private boolean leaderAsked;
    private volatile boolean closing;
    private boolean idleScheduled;
    private long lastGroupNanos;
    private long nextTimerNanos;

    // The leader's: what it is at, which stays here if it dies, and how often one did.
    private @Nullable QueueItem inHand;
    private int deaths;
    private volatile @Nullable IOException failure;
    private @Nullable Operation closeOperation;
    private final AtomicLong appendedRecords = new AtomicLong();
    private final AtomicLong appendedBytes = new AtomicLong();
    private final AtomicLong groupsWritten = new AtomicLong();

    /**
     * What a queue has counted.
     *
     * @param failure why the log takes nothing any more, null if it does
     */
    public record Figures(
            long records, long bytes, long groups, @Nullable IOException failure) {}

    /**
     * A queue in front of the end of a log.
     *
     * @param logName for messages
     * @param maxGroupBytes larger groups are made only for a single batch
     * @param writing runs a leader where no caller waits who could lead
     * @param completing completes futures in the order given
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
     * Appends one record with the next id, which is returned once it is durable.
     *
     * @param from where its bytes begin in the buffer
     * @param dataBytes how many there are
     */
    public long append(ByteBuffer data, int from, int dataBytes) throws IOException {
        return append(data, from, Frame.bytes(dataBytes), 1, OptionalLong.empty(), null);
    }

    /** As {@link #append(ByteBuffer, int, int)}. */
    public long append(byte[] data) throws IOException {
        return append(data, 0, Frame.bytes(data.length), 1, OptionalLong.empty(), null);
    }

    /** As {@link #append(ByteBuffer, int, int)}, without waiting. */
    public CompletableFuture<Long> appendAsync(ByteBuffer data, int from, int dataBytes) {
        return appendAsync(data, from, Frame.bytes(dataBytes), 1, OptionalLong.empty(), null, id -> id);
    }

    /**
     * Appends a batch of at least one record; returns the id of the first once they are durable.
     *
     * @param batch buffers that nobody else moves
     * @param firstId the id of the first record; empty lets the log assign it
     * @param hook runs once the records are durable and visible, before this returns
     */
    public long append(ByteBuffer[] batch, OptionalLong firstId, @Nullable CommitHook hook) throws IOException {
        return append(batch, 0, frameBytes(batch), batch.length, firstId, hook);
    }

    /**
     * As {@link #append(ByteBuffer[], OptionalLong, CommitHook)}, without waiting.
     *
     * @param outcome what the future says, given the id of the first record
     */
    public <T> CompletableFuture<T> appendAsync(
            ByteBuffer[] batch, OptionalLong firstId, @Nullable CommitHook hook, LongFunction<@Nullable T> outcome) {
        return appendAsync(batch, 0, frameBytes(batch), batch.length, firstId, hook, outcome);
    }

    private long append(
            Object data, int from, long frameBytes, int count, OptionalLong firstId, @Nullable CommitHook hook)
            throws IOException {
        StackProbe.WRITE.check();
        Waiter waiter = waiters.take();
        long bytes = InFlight.bytes(frameBytes) + HookCall.bytes(hook);
        HookCall call;
        long id;
        try {
            lock.lock();
            try {
                admit(bytes);
                id = idFor(firstId, count);
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
            @Nullable CommitHook hook,
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
        long id = firstId.isPresent() ? firstId.getAsLong() : end.checkAssign(count);
        end.checkAppend(id, count);
        return id;
    }

    /**
     * The records just copied into a group are the log's next ones, and a caller waits for them. Only stopping the
     * thread fails here.
     */
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

    /** The records just copied into a group are a future's; true if this caller has to lead, as nobody else will. */
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
            stages.addLast(group);
            open = group;
        }
    }

    /** Waits until there is room for so many bytes in flight; a batch larger than the limit is admitted alone. */
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
        if (leading || stages.isEmpty()) {
            inFlight.awaitRoom(bytes, future);
        } else {
            leadInstead();
        }
        checkWritable();
    }

    /** Makes room where nobody else does it yet. Gives the lock up meanwhile. */
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
        if (closing) {
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
     * The group at the end of the queue, if a batch may join it, or a new one, which is no part of the queue yet; with
     * room for the batch, so that what comes behind the copying cannot fail.
     */
    private Group groupFor(long firstId, long frameBytes) {
        Group last = open;
        if (last != null && last.takes(firstId, frameBytes, maxGroupBytes)) {
            return last.reserve(frameBytes);
        }
        reserveStage();
        return groups.take().begin(firstId).reserve(frameBytes);
    }

    /** A deque that finds no memory while it grows is no deque any more. */
    private void reserveStage() {
        if (stages.size() == roomForStages) {
            ArrayDeque<QueueItem> larger = new ArrayDeque<>(2 * roomForStages);
            larger.addAll(stages);
            stages = larger;
            roomForStages *= 2;
        }
    }

    /** Lets a caller lead if nobody does. */
    private void offerLead(Waiter waiter) {
        if (!leading) {
            leading = true;
            waiter.lead();
        }
    }

    /** Asks for a leader where no caller waits who could lead; false if there is none to be had. */
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

    /** Waits until the stage of a waiter is done, leading if it comes to that. */
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
     * A call ends with an error. If it is queued, the lead may be given to its thread, which therefore stays until it
     * is decided.
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
            if (leading || (stages.isEmpty() && inHand == null)) {
                return;
            }
            leading = true;
        } finally {
            lock.unlock();
        }
        lead(null);
    }

    /**
     * Leads until the leader's own stage is done; without one until the queue is empty or someone who waits can lead.
     */
    private void lead(@Nullable Waiter own) {
        QueueItem finished = inHand;
        IOException outcome = failure;
        boolean leads = true;
        boolean nobodyCompletes = false;
        try {
            if (finished != null) {
                finished.done(outcome); // The leader before died over it.
            }
            while (true) {
                QueueItem next;
                lockSoon();
                try {
                    if (finished instanceof Group group) {
                        settle(group, outcome);
                    }
                    inHand = null;
                    next = passOn(own) ? null : stages.pollFirst();
                    leads = next != null;
                    inHand = next;
                    if (next == open) {
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
                outcome = next.refusal() == null ? run(next) : next.refusal();
                if (outcome == null && next instanceof Group group) {
                    count(group);
                    group.runHooks(published.hooks());
                }
                next.done(outcome);
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
     * Something that must not be ends a leader: no stack is left, or somebody stops its thread. The log fails, and
     * everybody has to be told so: by the same thread, further up its stack, otherwise by one of the log's, otherwise
     * by the next call.
     */
    private void die(Throwable e) {
        boolean leadsAgain = ++deaths == 1;
        try {
            if (failure == null) {
                fail(e);
            }
        } finally {
            failure = failure == null ? failedForWantOfMemory : failure;
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
     * Takes the lock, which callers hold while they copy a record, without going to sleep for so short a time: being
     * woken takes longer than what a leader does between two writes, and the disk waits for it (docs/decisions, 13).
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

    /** Before anyone is told: who is told finds the record in the figures. */
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

    /** Gives the lead away if this leader is done: true if it leads no more. */
    private boolean passOn(@Nullable Waiter own) {
        QueueItem head = stages.peekFirst();
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
            waiter.lead();
            return true;
        }
        leading = !askForLeader();
        return !leading;
    }

    /** Does one stage; what went wrong, or null. */
    private @Nullable IOException run(QueueItem stage) {
        IOException failed = failure;
        if (failed != null && stage != closeOperation) {
            return failed;
        }
        try {
            stage.run(tail);
            return null;
        } catch (CallRefusedException | CorruptLogException e) {
            return e;
        } catch (Throwable e) {
            return fail(e);
        }
    }

    /** From now on nothing is written: which bytes of the last write are on the disk is unknown. */
    private IOException fail(Throwable cause) {
        LogFailedException failed;
        try {
            failed = new LogFailedException(
                    cause instanceof LogFilesChangedException
                            ? logName + ": takes no appends until it is reopened. " + cause.getMessage()
                            : logName + ": a write or sync failed (" + cause
                                    + "). What it wrote may be on the disk or not, so the log takes no "
                                    + "appends until it is reopened, which decides. Records up to "
                                    + published.catalog().lastId()
                                    + " stay readable.",
                    cause);
        } catch (OutOfMemoryError | StackOverflowError e) {
            failed = failedForWantOfMemory;
        }
        failure = failed;
        tail.failed();
        return failed;
    }

    /** Whether nothing was written, for a reason that leaves the log as it was. */
    private static boolean isRefusal(IOException outcome) {
        return outcome instanceof CallRefusedException || outcome instanceof CorruptLogException;
    }

    /**
     * The appends behind a stage that was refused count on it, so they go with it, and their ids go back. Allocates
     * nothing.
     */
    private void refuseAppends(IOException refusal) {
        lock.lock();
        try {
            open = null;
            restoreEnd();
            for (int i = stages.size(); i > 0; i--) {
                QueueItem stage = stages.removeFirst();
                if (stage instanceof Operation operation) {
                    operation.applyTo(end);
                } else if (stage instanceof Group group) {
                    group.refuse(refusal);
                }
                stages.addLast(stage);
            }
        } finally {
            lock.unlock();
        }
    }

    /** What the log holds where nothing is queued. */
    private void restoreEnd() {
        Catalog catalog = published.catalog();
        end.set(catalog.isEmpty() ? catalog.nextId() : catalog.firstId(), catalog.nextId(), catalog.isPinned());
    }

    /** Under the lock: what a finished group gives back. */
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
                // A later group tries again, not each: to look for a thread in vain takes longer than a write.
                nextTimerNanos = lastGroupNanos + idleNanos;
            }
        }
    }

    /** Writes a marker if nothing has been appended for a while. */
    private void onIdleTime() {
        Waiter waiter;
        lock.lock();
        try {
            idleScheduled = false;
            if (closing || failure != null) {
                return;
            }
            if (!stages.isEmpty() || nanoTime.getAsLong() - lastGroupNanos < idleNanos) {
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
            // The log has failed, and the next append says so.
            return;
        } finally {
            left(waiter);
        }
    }

    private void enqueue(Operation operation) {
        Waiter waiter = operation.waiter();
        reserveStage();
        waiter.begin();
        stages.addLast(operation);
        open = null;
        operation.applyTo(end);
        offerLead(waiter);
    }

    /** Removes every record above an id. */
    public void truncate(long lastToKeep) throws IOException {
        operate(tail -> tail.truncate(lastToKeep), ids -> ids.truncate(lastToKeep));
    }

    /** Removes every record up to an id. */
    public void trim(long discardUpTo) throws IOException {
        operate(tail -> tail.trim(discardUpTo), ids -> ids.trim(discardUpTo));
    }

    /** Removes every record and fixes the next id. */
    public void reset(long nextId) throws IOException {
        operate(tail -> tail.reset(nextId), ids -> ids.reset(nextId));
    }

    /** Syncs what has been acknowledged. */
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
                effect.accept(end.copy()); // throws before anything is queued if the caller made a mistake
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
     * Waits for everything queued, then marks the log as closed and closes its tail; of a failed log it closes the tail
     * alone. Later calls wait for the first.
     *
     * @param after what else there is to close, done by the first call whatever happens before it
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
        if (failed == null) {
            last.close();
            return;
        }
        last.abandon();
        if (last.owesSync()) {
            // The failure may have been a marker's, of which no call has told.
            throw failed;
        }
    }

    /** Whether {@link #close} has been called. */
    public boolean isClosing() {
        return closing;
    }

    /** What has been counted so far. */
    public Figures figures() {
        return new Figures(appendedRecords.get(), appendedBytes.get(), groupsWritten.get(), failure);
    }
}
