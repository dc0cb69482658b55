package dev.holdfast.wal.commit;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFilesChangedException;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.Published;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Group commit by leader and followers, without a thread of its own for callers that wait.
 *
 * <p>A caller copies its records into the group that is open at the end of the queue and gets their ids, under a lock that nobody holds
 * during I/O. If no thread leads, it leads: it takes the stages at the head of the queue one after the other, writes each
 * group in one synced write, shows it to readers and tells those who wait. Once its own records are durable it hands the lead to
 * a caller that waits in the next stage, and only then wakes the callers of its own group, so that the disk is busy while they wake. So
 * appends that arrive during a sync share the next one, however many they are; there is no timer and no delay.
 *
 * <p>Where nobody waits who could lead ({@code appendAsync}), a thread of the log does.
 *
 * <p>Ids are given out when records are queued, by {@link IdSpan}, which runs ahead of the disk: it knows what the log will hold once
 * everything queued is done. If a stage is refused, so is every append behind it, and the ids go back. If a write fails the
 * whole log fails: whatever is queued fails with the same exception, and nothing is written any more.
 *
 * <p>All memory that queueing takes is there before the first byte of a record is in a group, and what comes behind allocates nothing, or
 * does without: so a caller that is told of an {@link OutOfMemoryError} has changed nothing, and a leader that meets one leads on.
 *
 * <p>An interrupt concerns none of this: the leader writes with calls that no interrupt ends, the others sleep on.
 */
public final class CommitQueue {
    private static final int MAX_GROUP_BYTES = 1 << 20;
    private static final int FIRST_STAGES = 64;

    /** How often a leader tries to get the lock before it sleeps: a few microseconds. */
    private static final int SPINS = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final Pool<Group> groups = new Pool<>(4, Group::new);
    private final Pool<Ticket> tickets = new Pool<>(64, Ticket::new);
    private final CompletableFuture<Void> closed = new CompletableFuture<>();

    private final String logName;
    private final Tail tail;
    private final Published published;
    private final long maxBytesInFlight;
    private final long maxGroupBytes;
    private final Executor writing;
    private final Executor completing;
    private final Executor afterIdleTime;
    private final LongSupplier nanoTime;
    private final long idleNanos;

    // Made before it is needed, when there may be no memory to make it.
    private final LogFailedException failedForWantOfMemory = LogFailedException.madeInAdvance(
            "out of memory while writing; the log takes no appends until it is reopened");

    private final IdSpan end = new IdSpan();
    private ArrayDeque<Stage> stages = new ArrayDeque<>(FIRST_STAGES);
    private int roomForStages = FIRST_STAGES;
    private @Nullable Group open;
    private long bytesInFlight;
    private int waitingForRoom;
    private boolean leading;
    private boolean leaderAsked;
    private boolean closing;
    private boolean idleScheduled;
    private long lastGroupNanos;
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
            Published published,
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
        this.maxBytesInFlight = maxBytesInFlight;
        this.maxGroupBytes = Math.min(MAX_GROUP_BYTES, maxGroupBytes);
        this.writing = writing;
        this.completing = completing;
        this.afterIdleTime = afterIdleTime;
        this.nanoTime = nanoTime;
        this.idleNanos = idleNanos;
        restoreEnd();
    }

    /**
     * Appends one record with the next id, which is returned once it is durable.
     *
     * @param from where its bytes begin in the buffer
     * @param dataBytes how many there are
     */
    public long append(ByteBuffer data, int from, int dataBytes) throws IOException {
        Ticket ticket = tickets.take();
        long id;
        lock.lock();
        try {
            admit(Frame.bytes(dataBytes));
            id = end.checkAssign(1);
            addOne(id, data, from, dataBytes);
            join(ticket);
        } finally {
            lock.unlock();
        }
        await(ticket);
        return id;
    }

    /** As {@link #append(ByteBuffer, int, int)}. */
    public long append(byte[] data) throws IOException {
        Ticket ticket = tickets.take();
        int frameBytes = Frame.bytes(data.length);
        long id;
        lock.lock();
        try {
            admit(frameBytes);
            id = end.checkAssign(1);
            Group group = openFor(id, frameBytes);
            group.records().add(data, 0, data.length, true);
            added(group, id, 1, frameBytes);
            join(ticket);
        } finally {
            lock.unlock();
        }
        await(ticket);
        return id;
    }

    /** As {@link #append(ByteBuffer, int, int)}, without waiting. */
    public CompletableFuture<Long> appendAsync(ByteBuffer data, int from, int dataBytes) {
        AppendFuture<Long> future = new AppendFuture<>();
        boolean lead;
        lock.lock();
        try {
            admit(Frame.bytes(dataBytes));
            Long id = end.checkAssign(1);
            future.willSay(id);
            addOne(id, data, from, dataBytes);
            lead = join(future);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.unlock();
        }
        return led(future, lead);
    }

    /**
     * Appends a batch of at least one record; returns the id of the first once they are durable.
     *
     * @param batch buffers that nobody else moves
     * @param firstId the id of the first record; empty lets the log assign it
     */
    public long append(ByteBuffer[] batch, OptionalLong firstId) throws IOException {
        Ticket ticket = tickets.take();
        long id;
        long frameBytes = frameBytes(batch);
        lock.lock();
        try {
            admit(frameBytes);
            id = idFor(batch, firstId);
            addBatch(id, batch, frameBytes);
            join(ticket);
        } finally {
            lock.unlock();
        }
        await(ticket);
        return id;
    }

    /**
     * As {@link #append(ByteBuffer[], OptionalLong)}, without waiting.
     *
     * @param outcome what the future says, given the id of the first record
     */
    public <T> CompletableFuture<T> appendAsync(
            ByteBuffer[] batch, OptionalLong firstId, LongFunction<@Nullable T> outcome) {
        AppendFuture<T> future = new AppendFuture<>();
        boolean lead;
        long frameBytes = frameBytes(batch);
        lock.lock();
        try {
            admit(frameBytes);
            long id = idFor(batch, firstId);
            future.willSay(outcome.apply(id));
            addBatch(id, batch, frameBytes);
            lead = join(future);
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.unlock();
        }
        return led(future, lead);
    }

    private void addOne(long id, ByteBuffer data, int from, int dataBytes) {
        int frameBytes = Frame.bytes(dataBytes);
        Group group = openFor(id, frameBytes);
        group.records().add(data, from, dataBytes, true);
        added(group, id, 1, frameBytes);
    }

    private static long frameBytes(ByteBuffer[] batch) {
        long bytes = (long) batch.length * Frame.bytes(0);
        for (ByteBuffer data : batch) {
            bytes += data.remaining();
        }
        return bytes;
    }

    private long idFor(ByteBuffer[] batch, OptionalLong firstId) {
        long id = firstId.isPresent() ? firstId.getAsLong() : end.checkAssign(batch.length);
        end.checkAppend(id, batch.length);
        return id;
    }

    private void addBatch(long id, ByteBuffer[] batch, long frameBytes) {
        Group group = openFor(id, frameBytes);
        for (int i = 0; i < batch.length; i++) {
            group.records().add(batch[i], batch[i].position(), batch[i].remaining(), i == batch.length - 1);
        }
        added(group, id, batch.length, frameBytes);
    }

    private void added(Group group, long firstId, int count, long frameBytes) {
        end.append(firstId, count);
        group.admitted(frameBytes);
        bytesInFlight += frameBytes;
    }

    /** Waits until there is room for so many bytes in flight; a batch larger than the limit is admitted alone. */
    private void admit(long frameBytes) throws IOException {
        checkWritable();
        waitingForRoom++;
        try {
            while (bytesInFlight > 0 && bytesInFlight + frameBytes > maxBytesInFlight) {
                if (leading) {
                    room.awaitUninterruptibly();
                } else {
                    leadInstead();
                }
                checkWritable();
            }
        } finally {
            waitingForRoom--;
        }
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
        checkOpen();
        IOException failed = failure;
        if (failed != null) {
            throw new LogFailedException(String.valueOf(failed.getMessage()), failed);
        }
    }

    /** The group at the end of the queue, if a batch may join it, or a new one; with room for the batch, so that adding it cannot fail. */
    private Group openFor(long firstId, long frameBytes) {
        Group last = open;
        if (last != null && last.records().count() == 0) {
            return last.begin(firstId).reserve(frameBytes);
        }
        if (last != null && last.takes(firstId, frameBytes, maxGroupBytes)) {
            return last.reserve(frameBytes);
        }
        Group fresh = groups.take().begin(firstId).reserve(frameBytes);
        reserveStage();
        stages.addLast(fresh);
        open = fresh;
        return fresh;
    }

    /** A deque that finds no memory while it grows is no deque any more. */
    private void reserveStage() {
        if (stages.size() == roomForStages) {
            ArrayDeque<Stage> larger = new ArrayDeque<>(2 * roomForStages);
            larger.addAll(stages);
            stages = larger;
            roomForStages *= 2;
        }
    }

    /** The records just added are a caller's that waits. */
    private void join(Ticket ticket) {
        openGroup().join(ticket);
        ticket.begin();
        offerLead(ticket);
    }

    /** The records just added are a future's; true if this caller has to lead, as nobody else will. */
    private boolean join(AppendFuture<?> future) {
        openGroup().join(future);
        if (leading || askForLeader()) {
            return false;
        }
        leading = true;
        return true;
    }

    private <T> AppendFuture<T> led(AppendFuture<T> future, boolean lead) {
        if (lead) {
            lead(null);
        }
        return future;
    }

    private Group openGroup() {
        Group group = open;
        if (group == null) {
            throw new AssertionError("no group is open");
        }
        return group;
    }

    /** Lets a caller lead if nobody does. */
    private void offerLead(Ticket ticket) {
        if (!leading) {
            leading = true;
            ticket.lead();
        }
    }

    /** Asks for a leader where no caller waits who could lead; false if there is none to be had. */
    private boolean askForLeader() {
        if (!leaderAsked) {
            try {
                writing.execute(this::leadIfNobodyDoes);
                leaderAsked = true;
            } catch (OutOfMemoryError | RejectedExecutionException e) {
                return false;
            }
        }
        return true;
    }

    /** Waits until the stage of a ticket is done, leading if it comes to that. */
    private void await(Ticket ticket) throws IOException {
        if (ticket.awaitTurn()) {
            lead(ticket);
        }
        IOException failed = ticket.end();
        tickets.give(ticket);
        if (failed != null) {
            throw failed;
        }
    }

    private void leadIfNobodyDoes() {
        lock.lock();
        try {
            leaderAsked = false;
            if (leading || stages.isEmpty()) {
                return;
            }
            leading = true;
        } finally {
            lock.unlock();
        }
        lead(null);
    }

    /** Leads until the leader's own stage is done; without one until the queue is empty or someone who waits can lead. */
    private void lead(@Nullable Ticket own) {
        Stage finished = null;
        IOException outcome = null;
        while (true) {
            Stage next;
            lockSoon();
            try {
                if (finished instanceof Group group) {
                    settle(group, outcome);
                }
                next = passOn(own) ? null : stages.pollFirst();
                if (next == open) {
                    open = null;
                }
            } finally {
                lock.unlock();
            }
            if (finished != null) {
                finished.wake();
                reuse(finished);
            }
            if (next == null) {
                return;
            }
            outcome = run(next);
            if (outcome == null && next instanceof Group group) {
                count(group);
            }
            next.done(outcome, completing);
            if (isRefusal(outcome)) {
                refuseAppends(outcome);
            }
            finished = next;
        }
    }

    /**
     * Takes the lock, which callers hold while they copy a record, without going to sleep for so short a time: being woken takes longer than what a
     * leader does between two writes, and the disk waits for it (docs/decisions, 13).
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

    private void reuse(Stage finished) {
        if (finished instanceof Group group) {
            groups.give(group);
        }
    }

    /** Gives the lead away if this leader is done: true if it leads no more. */
    private boolean passOn(@Nullable Ticket own) {
        Stage head = stages.peekFirst();
        if (head == null) {
            leading = false;
            return true;
        }
        Ticket waiter = head.waiter();
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
    private @Nullable IOException run(Stage stage) {
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
        } catch (OutOfMemoryError e) {
            failed = failedForWantOfMemory;
        }
        failure = failed;
        tail.failed();
        return failed;
    }

    /** Whether nothing was written, for a reason that leaves the log as it was. */
    private static boolean isRefusal(@Nullable IOException outcome) {
        return outcome instanceof CallRefusedException || outcome instanceof CorruptLogException;
    }

    /** The appends behind a stage that was refused count on it, so they go with it, and their ids go back. */
    private void refuseAppends(@Nullable IOException refusal) {
        Group group;
        lock.lock();
        try {
            group = takeGroups(refusal);
        } finally {
            lock.unlock();
        }
        while (group != null) {
            group.done(refusal, completing);
            group.wake();
            group = group.takeNextRefused();
        }
    }

    /** Takes all groups out of the queue and leaves the operations; the first group, which leads to the next. Allocates nothing. */
    private @Nullable Group takeGroups(@Nullable IOException refusal) {
        Group first = null;
        Group last = null;
        open = null;
        restoreEnd();
        for (int i = stages.size(); i > 0; i--) {
            Stage stage = stages.removeFirst();
            if (stage instanceof Operation operation) {
                operation.applyTo(end);
                stages.addLast(operation);
            } else if (stage instanceof Group group) {
                settle(group, refusal);
                first = first == null ? group : first;
                if (last != null) {
                    last.refusedBefore(group);
                }
                last = group;
            }
        }
        return first;
    }

    /** What the log holds where nothing is queued. */
    private void restoreEnd() {
        Catalog catalog = published.catalog();
        end.set(catalog.isEmpty() ? catalog.nextId() : catalog.firstId(), catalog.nextId(), catalog.isPinned());
    }

    /** Under the lock: what a finished group gives back. */
    private void settle(Group group, @Nullable IOException outcome) {
        bytesInFlight -= group.admittedBytes();
        if (waitingForRoom > 0) {
            room.signalAll();
        }
        if (outcome == null) {
            lastGroupNanos = nanoTime.getAsLong();
            scheduleIdle();
        }
    }

    private void scheduleIdle() {
        if (!idleScheduled && !closing) {
            try {
                afterIdleTime.execute(this::onIdleTime);
                idleScheduled = true;
            } catch (OutOfMemoryError e) {
                // The next group tries again; the leader must go on.
                idleScheduled = false;
            }
        }
    }

    /** Writes a marker if nothing has been appended for a while. */
    private void onIdleTime() {
        Ticket ticket;
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
            ticket = new Ticket();
            enqueue(new Operation(Tail::markIdle, ids -> {}, ticket));
        } finally {
            lock.unlock();
        }
        try {
            await(ticket);
        } catch (IOException e) {
            // The log has failed, and the next append says so.
            return;
        }
    }

    private void enqueue(Operation operation) {
        Ticket ticket = operation.waiter();
        if (ticket == null) {
            throw new AssertionError("an operation that nobody waits for");
        }
        reserveStage();
        ticket.begin();
        stages.addLast(operation);
        open = null;
        operation.applyTo(end);
        offerLead(ticket);
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
        Ticket ticket = new Ticket();
        lock.lock();
        try {
            checkWritable();
            effect.accept(end.copy()); // throws before anything is queued if the caller made a mistake
            enqueue(new Operation(action, effect, ticket));
        } finally {
            lock.unlock();
        }
        await(ticket);
    }

    /**
     * Waits for everything queued, then marks the log as closed and closes its tail; of a failed log it closes the tail alone. Later calls
     * wait for the first.
     *
     * @param after what else there is to close, done by the first call whatever happens before it
     */
    public void close(Closing after) throws IOException {
        Ticket ticket = new Ticket();
        Operation operation = new Operation(this::closeTail, ids -> {}, ticket);
        boolean first;
        lock.lock();
        try {
            first = !closing;
            if (first) {
                closeOperation = operation;
                enqueue(operation);
                closing = true;
            }
        } finally {
            lock.unlock();
        }
        if (!first) {
            closed.join();
            return;
        }
        try {
            await(ticket);
        } finally {
            try {
                after.close();
            } finally {
                closed.complete(null);
            }
        }
    }

    /** The rest of closing a log. */
    public interface Closing {
        void close() throws IOException;
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
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    /** What has been counted so far. */
    public Figures figures() {
        return new Figures(appendedRecords.get(), appendedBytes.get(), groupsWritten.get(), failure);
    }
}
