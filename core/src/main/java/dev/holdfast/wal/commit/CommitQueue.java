package dev.holdfast.wal.commit;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.Published;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
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
 * <p>An interrupt concerns none of this: the leader writes with calls that no interrupt ends, the others sleep on.
 */
public final class CommitQueue {
    private static final int MAX_GROUP_BYTES = 1 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition room = lock.newCondition();
    private final ArrayDeque<Stage> stages = new ArrayDeque<>();
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
    private final LogFailedException failedForWantOfMemory =
            new LogFailedException("out of memory while writing; the log takes no appends until it is reopened", null);

    private final IdSpan end = new IdSpan();
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
    private long appendedRecords;
    private long appendedBytes;
    private long groupsWritten;

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

    /** Appends one record with the next id, which is returned once it is durable. */
    public long append(ByteBuffer data) throws IOException {
        Ticket ticket;
        long id;
        lock.lock();
        try {
            id = addOne(data);
            ticket = joinOpen();
        } finally {
            lock.unlock();
        }
        await(ticket);
        return id;
    }

    /** As {@link #append(ByteBuffer)}. */
    public long append(byte[] data) throws IOException {
        Ticket ticket;
        long id;
        lock.lock();
        try {
            admit(Frame.bytes(data.length));
            id = end.checkAssign(1);
            Group group = openFor(id, Frame.bytes(data.length));
            group.records().reserve(Frame.bytes(data.length));
            group.records().add(data, 0, data.length, true);
            added(group, id, 1, Frame.bytes(data.length), data.length);
            ticket = joinOpen();
        } finally {
            lock.unlock();
        }
        await(ticket);
        return id;
    }

    /** As {@link #append(ByteBuffer)}, without waiting. */
    public CompletableFuture<Long> appendAsync(ByteBuffer data) {
        lock.lock();
        try {
            long id = addOne(data);
            return joinOpen(new AppendFuture<>(id));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Appends a batch of at least one record; returns the id of the first once they are durable.
     *
     * @param firstId the id of the first record; -1 lets the log assign it
     */
    public long append(ByteBuffer[] batch, long firstId) throws IOException {
        Ticket ticket;
        long id;
        lock.lock();
        try {
            id = addBatch(batch, firstId);
            ticket = joinOpen();
        } finally {
            lock.unlock();
        }
        await(ticket);
        return id;
    }

    /**
     * As {@link #append(ByteBuffer[], long)}, without waiting.
     *
     * @param outcome what the future says, given the id of the first record
     */
    public <T> CompletableFuture<T> appendAsync(ByteBuffer[] batch, long firstId, LongFunction<@Nullable T> outcome) {
        lock.lock();
        try {
            long id = addBatch(batch, firstId);
            return joinOpen(new AppendFuture<>(outcome.apply(id)));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        } finally {
            lock.unlock();
        }
    }

    private long addOne(ByteBuffer data) throws IOException {
        int dataBytes = data.remaining();
        admit(Frame.bytes(dataBytes));
        long id = end.checkAssign(1);
        Group group = openFor(id, Frame.bytes(dataBytes));
        group.records().reserve(Frame.bytes(dataBytes));
        group.records().add(data, true);
        added(group, id, 1, Frame.bytes(dataBytes), dataBytes);
        return id;
    }

    private long addBatch(ByteBuffer[] batch, long firstId) throws IOException {
        long dataBytes = 0;
        for (ByteBuffer data : batch) {
            dataBytes += data.remaining();
        }
        long frameBytes = dataBytes + (long) batch.length * Frame.bytes(0);
        admit(frameBytes);
        long id = firstId;
        if (firstId < 0) {
            id = end.checkAssign(batch.length);
        } else {
            end.checkAppend(firstId, batch.length);
        }
        Group group = openFor(id, frameBytes);
        addAll(group.records(), batch, frameBytes);
        added(group, id, batch.length, frameBytes, dataBytes);
        return id;
    }

    private static void addAll(GroupBuffer records, ByteBuffer[] batch, long frameBytes) {
        records.reserve(Math.toIntExact(frameBytes));
        int length = records.length();
        int count = records.count();
        boolean whole = false;
        try {
            for (int i = 0; i < batch.length; i++) {
                records.add(batch[i], i == batch.length - 1);
            }
            whole = records.length() - length == frameBytes;
            if (!whole) {
                throw new IllegalArgumentException("a buffer of the batch was changed while it was appended");
            }
        } finally {
            if (!whole) {
                records.rollback(length, count);
            }
        }
    }

    private void added(Group group, long firstId, int count, long frameBytes, long dataBytes) {
        end.append(firstId, count);
        group.admitted(frameBytes, dataBytes);
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

    /** The group at the end of the queue, if a batch may join it, or a new one. */
    private Group openFor(long firstId, long frameBytes) {
        Group last = open;
        if (last != null && last.records().count() == 0) {
            return last.begin(firstId);
        }
        if (last != null && last.takes(firstId, frameBytes, maxGroupBytes)) {
            return last;
        }
        Group fresh = groups.take().begin(firstId);
        stages.addLast(fresh);
        open = fresh;
        return fresh;
    }

    private Ticket joinOpen() {
        Ticket ticket = tickets.take();
        ticket.begin();
        openGroup().join(ticket);
        offerLead(ticket);
        return ticket;
    }

    private <T> AppendFuture<T> joinOpen(AppendFuture<T> future) {
        openGroup().join(future);
        askForLeader();
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

    private void askForLeader() {
        if (!leading && !leaderAsked) {
            writing.execute(this::leadIfNobodyDoes);
            leaderAsked = true;
        }
    }

    /** Waits until the stage of a ticket is done, leading if it comes to that. */
    private void await(Ticket ticket) throws IOException {
        if (ticket.awaitTurn()) {
            lead(ticket);
        }
        IOException failed = ticket.failure();
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
            lock.lock();
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
            next.done(outcome, completing);
            finished = next;
        }
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
        } else {
            leading = false;
            askForLeader();
        }
        return true;
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
        } catch (DiskFullException e) {
            refuseAppends(e);
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
                    logName + ": a write or sync failed (" + cause
                            + "). What it wrote may be on the disk or not, so the log takes no "
                            + "appends until it is reopened, which decides. Records up to "
                            + published.catalog().lastId()
                            + " stay readable.",
                    cause);
        } catch (OutOfMemoryError e) {
            failed = failedForWantOfMemory;
        }
        failure = failed;
        return failed;
    }

    /** A stage was refused and nothing was written: the appends behind it, which count on it, go with it, and their ids go back. */
    private void refuseAppends(DiskFullException refusal) {
        lock.lock();
        try {
            List<Stage> refused =
                    stages.stream().filter(Group.class::isInstance).toList();
            stages.removeAll(refused);
            open = null;
            for (Stage stage : refused) {
                stage.done(refusal, completing);
                settle((Group) stage, refusal);
                stage.wake();
            }
            restoreEnd();
        } finally {
            lock.unlock();
        }
    }

    /** What the log will hold once everything queued is done, where no append is queued. */
    private void restoreEnd() {
        Catalog catalog = published.catalog();
        end.set(new IdSpan(
                catalog.isEmpty() ? catalog.nextId() : catalog.firstId(), catalog.nextId(), catalog.isPinned()));
        for (Stage stage : stages) {
            if (stage instanceof Operation operation) {
                operation.applyTo(end);
            }
        }
    }

    /** Under the lock: what a finished group gives back. */
    private void settle(Group group, @Nullable IOException outcome) {
        bytesInFlight -= group.admittedBytes();
        if (waitingForRoom > 0) {
            room.signalAll();
        }
        if (outcome == null) {
            appendedRecords += group.records().count();
            appendedBytes += group.dataBytes();
            groupsWritten++;
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
        Ticket ticket = new Ticket();
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
        lock.lock();
        try {
            if (closing) {
                ticket = null;
            } else {
                closing = true;
                closeOperation = new Operation(this::closeTail, ids -> {}, ticket);
                enqueue(closeOperation);
            }
        } finally {
            lock.unlock();
        }
        if (ticket == null) {
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
        if (failure == null) {
            last.close();
        } else {
            last.abandon();
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
        lock.lock();
        try {
            return new Figures(appendedRecords, appendedBytes, groupsWritten, failure);
        } finally {
            lock.unlock();
        }
    }
}
