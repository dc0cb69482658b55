package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.bookkeeper.Stage.Append;
import dev.holdfast.bookkeeper.Stage.Operation;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFencedException;
import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The owner of a log: the one thread that writes to its ledgers and changes its state.
 *
 * <p>Callers copy their records, get their ids and stand in a queue, under a lock that nobody holds while waiting for the cluster. The owner's thread takes
 * the head of the queue. Appends are sent on at once, any number in flight; whatever else there is waits until nothing is in flight.
 * A batch is acknowledged, shown and told, in order, when all its entries are acknowledged.
 *
 * <p>Where an entry cannot be written, or no answer comes, the owner looks whether the log is still its own, seals the ledger, which settles what is in it,
 * writes down in the state where its last whole batch ends, and appends what is not acknowledged yet to a new ledger, in order. Whether
 * the entries behind that end are there or not does not matter from then on. All this has to happen before the first of the callers that wait has
 * waited too long; then, or when the state of the log is somebody else's, the handle fails for good: what it has in flight fails with one
 * exception, and opening the log again decides.
 */
final class Writer {
    /** How a log is written. */
    record Settings(
            String logName, Replication replication, long segmentBytes, long maxBytesInFlight, Duration timeout) {
        /** After how long without an answer a ledger is given up. */
        Duration stall() {
            return timeout.dividedBy(4);
        }

        /** How long one try of something that is tried again may take. */
        Duration oneTry() {
            return timeout.dividedBy(4);
        }
    }

    /** What has been counted. */
    record Figures(
            long records,
            long bytes,
            long appends,
            @Nullable IOException failure) {}

    private static final Logger LOGGER = System.getLogger("dev.holdfast.bookkeeper");
    private static final long LOOK_NANOS = 50_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private final Settings settings;
    private final LedgerWriter ledgers;
    private final Executor completing;
    private final Thread thread;

    // Guarded by the lock.
    private final ArrayDeque<Stage> queue = new ArrayDeque<>();
    private final IdSpan end;
    private final Admission admission;
    private final ArrayDeque<Thread> line = new ArrayDeque<>();
    private boolean signalled;
    private boolean closing;
    private @Nullable Operation closeOperation;

    // The owner's thread's.
    private final ArrayDeque<Append> inFlight = new ArrayDeque<>();
    private int repairs;
    private boolean stopped;

    private volatile @Nullable IOException failure;
    private final AtomicLong appendedRecords = new AtomicLong();
    private final AtomicLong appendedBytes = new AtomicLong();
    private final AtomicLong appends = new AtomicLong();

    /**
     * The owner of a log whose last segment is sealed.
     *
     * @param completing completes futures in the order given
     */
    Writer(
            Settings settings,
            Manifest manifest,
            Ledgers allLedgers,
            Published published,
            LedgerReads reads,
            Executor completing) {
        this.settings = settings;
        this.completing = completing;
        this.ledgers = new LedgerWriter(settings, manifest, allLedgers, published, reads, this::signal);
        this.end = ledgers.held().copy();
        this.admission = new Admission(settings.maxBytesInFlight(), settings.timeout());
        this.thread = new Thread(this::run, "holdfast-" + settings.logName());
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    // callers

    /** Appends a batch of at least one record; returns the id of the first once they are acknowledged. */
    long append(ByteBuffer[] batch, OptionalLong firstId) throws IOException {
        Told.Waiter waiter = new Told.Waiter();
        long id = enqueue(batch, firstId, ignored -> waiter);
        waiter.await();
        return id;
    }

    /**
     * As {@link #append}, without waiting.
     *
     * @param outcome what the future says, given the id of the first record
     */
    <T extends @Nullable Object> CompletableFuture<T> appendAsync(
            ByteBuffer[] batch, OptionalLong firstId, LongFunction<T> outcome) {
        CompletableFuture<T> future = new CompletableFuture<>();
        try {
            enqueue(
                    batch,
                    firstId,
                    numbered -> failed -> completing.execute(() -> {
                        if (failed == null) {
                            future.complete(outcome.apply(numbered.firstId()));
                        } else {
                            future.completeExceptionally(failed);
                        }
                    }));
        } catch (IOException e) {
            future.completeExceptionally(e);
        }
        return future;
    }

    private interface Telling {
        Told of(Numbered numbered);
    }

    /** The id of a batch, known when it is queued. */
    private static final class Numbered {
        private volatile long firstId;

        long firstId() {
            return firstId;
        }
    }

    private long enqueue(ByteBuffer[] batch, OptionalLong firstId, Telling telling) throws IOException {
        long bytes = (long) Entry.HEADER_BYTES * batch.length;
        for (ByteBuffer data : batch) {
            bytes += data.remaining();
        }
        long inFlightWithIt = admit(bytes, batch.length, Deadline.after(settings.timeout()));
        boolean queued = false;
        try {
            Numbered numbered = new Numbered();
            // Its time begins here: one that was held back for long would otherwise fail the handle soon after.
            Deadline deadline = Deadline.after(settings.timeout());
            Append append = new Append(entries(batch), bytes, inFlightWithIt, deadline, telling.of(numbered));
            lock.lock();
            try {
                checkWritable();
                long id = firstId.isPresent() ? firstId.getAsLong() : end.checkAssign(batch.length);
                end.checkAppend(id, batch.length);
                numbered.firstId = id;
                append.number(id);
                queue.addLast(append);
                queued = true;
                end.append(id, batch.length);
                signal();
                return id;
            } finally {
                lock.unlock();
            }
        } finally {
            if (!queued) {
                giveBack(bytes, batch.length);
            }
        }
    }

    private static byte[][] entries(ByteBuffer[] batch) {
        byte[][] entries = new byte[batch.length][];
        for (int i = 0; i < batch.length; i++) {
            entries[i] = Entry.of(batch[i], i == batch.length - 1);
        }
        return entries;
    }

    /**
     * Waits until there is room for a batch, behind those that came before: otherwise a large one would wait for ever, as small ones leave room for small
     * ones only. One that waits in vain fails alone: nothing of it has been written.
     *
     * @return how many records are in flight with it
     */
    private long admit(long bytes, long records, Deadline deadline) throws IOException {
        Thread caller = Thread.currentThread();
        lock.lock();
        try {
            checkWritable();
            line.addLast(caller);
            while (line.element() != caller || !admission.hasRoom(bytes, records)) {
                if (deadline.isOver()) {
                    throw new LogFailedException(
                            settings.logName() + ": the appends in flight left no room for another one for "
                                    + settings.timeout() + "; nothing of this one was written",
                            null);
                }
                deadline.await(room);
                checkWritable();
            }
            return admission.add(bytes, records);
        } finally {
            if (line.removeFirstOccurrence(caller)) {
                room.signalAll();
            }
            lock.unlock();
        }
    }

    private void giveBack(long bytes, long records) {
        lock.lock();
        try {
            admission.remove(bytes, records);
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void checkOpen() {
        if (closing) {
            throw new IllegalStateException("the log is closed: " + settings.logName());
        }
    }

    private void checkWritable() throws IOException {
        checkOpen();
        IOException failed = failure;
        if (failed instanceof LogFencedException) {
            throw new LogFencedException(String.valueOf(failed.getMessage()), failed);
        }
        if (failed != null) {
            throw new LogFailedException(String.valueOf(failed.getMessage()), failed);
        }
    }

    /** Removes every record above an id. */
    void truncate(long lastToKeep) throws IOException {
        operate(deadline -> ledgers.truncate(lastToKeep, deadline), ids -> ids.truncate(lastToKeep));
    }

    /** Removes every record up to an id. */
    void trim(long discardUpTo) throws IOException {
        operate(deadline -> ledgers.trim(discardUpTo, deadline), ids -> ids.trim(discardUpTo));
    }

    /** Removes every record and fixes the next id. */
    void reset(long nextId) throws IOException {
        operate(deadline -> ledgers.reset(nextId, deadline), ids -> ids.reset(nextId));
    }

    /** Waits for what was appended before. */
    void sync() throws IOException {
        operate(deadline -> {}, ids -> {});
    }

    private void operate(Stage.Action action, Consumer<IdSpan> effect) throws IOException {
        Told.Waiter waiter = new Told.Waiter();
        Deadline deadline = Deadline.after(settings.timeout());
        lock.lock();
        try {
            checkWritable();
            effect.accept(end.copy()); // throws before anything is queued if the caller made a mistake
            queue.addLast(new Operation(action, effect, deadline, waiter));
            effect.accept(end);
            signal();
        } finally {
            lock.unlock();
        }
        waiter.await();
    }

    /** Waits for everything queued, then seals the log and ends its thread. Later calls wait for the first. */
    void close() throws IOException {
        Told.Waiter waiter = new Told.Waiter();
        Operation operation = new Operation(this::closeNow, ids -> {}, Deadline.after(settings.timeout()), waiter);
        boolean first;
        lock.lock();
        try {
            first = !closing;
            if (first) {
                closing = true;
                closeOperation = operation;
                queue.addLast(operation);
                room.signalAll();
                signal();
            }
        } finally {
            lock.unlock();
        }
        if (first) {
            waiter.await();
        } else {
            ended.join();
        }
    }

    boolean isClosing() {
        lock.lock();
        try {
            return closing;
        } finally {
            lock.unlock();
        }
    }

    Figures figures() {
        return new Figures(appendedRecords.get(), appendedBytes.get(), appends.get(), failure);
    }

    /** Tells the owner's thread that there is something to do. */
    private void signal() {
        lock.lock();
        try {
            signalled = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    // the owner's thread

    private void run() {
        while (!stopped) {
            try {
                awaitSignal();
                while (doSomething()) {
                    // until there is nothing to do
                }
            } catch (DiskFullException e) {
                refuse(e);
            } catch (Throwable e) {
                fail(e);
            }
        }
        ended.complete(null);
    }

    private void awaitSignal() {
        lock.lock();
        try {
            long left = inFlight.isEmpty() ? Long.MAX_VALUE : LOOK_NANOS;
            while (!signalled && left > 0) {
                left = work.awaitNanos(left);
            }
            signalled = false;
        } catch (InterruptedException e) {
            throw new AssertionError("nobody knows the owner's thread", e);
        } finally {
            lock.unlock();
        }
    }

    private boolean doSomething() throws IOException {
        Pipe current = ledgers.pipe();
        boolean settled = current != null && settle(current.acknowledged());
        if (current != null && !inFlight.isEmpty()) {
            checkInTime();
            if (current.isBroken()) {
                repair(current);
                return true;
            }
        }
        Stage head = head();
        if (head instanceof Append append) {
            return send(append) || settled;
        }
        if (head instanceof Operation operation && inFlight.isEmpty()) {
            run(operation);
            return !stopped;
        }
        return settled;
    }

    private @Nullable Stage head() {
        lock.lock();
        try {
            return queue.peekFirst();
        } finally {
            lock.unlock();
        }
    }

    private void takeHead() {
        lock.lock();
        try {
            queue.removeFirst();
        } finally {
            lock.unlock();
        }
    }

    private void checkInTime() throws IOException {
        inFlight.element().deadline().checkAcknowledgement(settings.timeout());
    }

    /**
     * Tells all whose entries stand before this one in the ledger that they are acknowledged.
     *
     * <p>Why nobody else owns the log when an entry counts: a ledger's bookies acknowledge nothing once somebody has opened it with recovery. Bookies keep
     * such a fence on their disks as long as the ledger exists, so an owner that comes back after any time is refused by the very bookies that would have
     * to acknowledge, whatever its clock says and whether or not it reaches the metadata store. When a ledger is deleted, they forget the fence with it, and
     * take entries of that number again. So an owner deletes only ledgers that their own writer has sealed, and with that let go of. A ledger that was
     * recovered from another owner stays, also when its records are removed, until somebody who knows that this owner has ended removes it
     * ({@link Sweeper}). No clock stands in this argument.
     *
     * <p>The second line, for the case that somebody has removed such a ledger all the same, or that bookies have lost it: an owner that has not heard
     * from the metadata store for {@link Manifest#CONFIRMED_FOR} asks whether the log is still its own before it tells anybody anything. It asks after the entries
     * were acknowledged: if it is then still the owner, whoever takes the log over later recovers the ledger later, and finds them. This line does rest on the
     * owner's clock not standing still, as that of a suspended machine may.
     */
    private boolean settle(long acknowledgedEntries) throws IOException {
        if (inFlight.isEmpty() || inFlight.element().endEntry() > acknowledgedEntries) {
            return false;
        }
        ledgers.confirmIfLongAgo(inFlight.element().deadline());
        List<Append> settled = new ArrayList<>();
        long bytes = 0;
        long records = 0;
        while (!inFlight.isEmpty() && inFlight.element().endEntry() <= acknowledgedEntries) {
            Append append = inFlight.remove();
            settled.add(append);
            bytes += append.bytes();
            records += append.count();
            appendedRecords.addAndGet(append.count());
            appendedBytes.addAndGet(append.dataBytes());
            appends.incrementAndGet();
        }
        ledgers.show(settled);
        repairs = 0;
        Append last = settled.get(settled.size() - 1);
        lock.lock();
        try {
            admission.acknowledged(last.inFlight(), last.deadline().elapsedNanos());
        } finally {
            lock.unlock();
        }
        giveBack(bytes, records);
        settled.forEach(append -> append.told().tell(null));
        return true;
    }

    /** Sends a batch on its way, if that can be done now. */
    private boolean send(Append append) throws IOException {
        Pipe current = ledgers.pipe();
        if (!inFlight.isEmpty() && (current == null || !current.takes(append))) {
            return false;
        }
        if (current != null && !current.takes(append)) {
            ledgers.roll(current, append);
        }
        Pipe target = ledgers.pipeFor(append);
        takeHead();
        inFlight.addLast(append);
        target.add(append, inFlight.element().deadline());
        return true;
    }

    /** Goes on in another ledger, after one has failed, with all that is not acknowledged. */
    private void repair(Pipe broken) throws IOException {
        Deadline deadline = inFlight.element().deadline();
        LOGGER.log(
                Level.DEBUG,
                () -> settings.logName() + ": ledger " + broken.ledger().ledgerId() + " is given up after "
                        + broken.acknowledged() + " of " + broken.sent() + " entries",
                broken.trouble());
        LedgerWriter.Sealed sealed = ledgers.end(broken, deadline);
        settle(sealed.entries());
        long whole = inFlight.isEmpty() ? broken.sent() : inFlight.element().firstEntry();
        ledgers.cut(broken, whole, sealed, deadline);
        deadline.pause(repairs++); // the next ledger may meet the same bookies
        if (inFlight.isEmpty()) {
            return;
        }
        Append first = inFlight.element();
        Pipe next = ledgers.pipeFor(first);
        for (Append append : inFlight) {
            next.add(append, deadline);
        }
    }

    private void run(Operation operation) throws IOException {
        takeHead();
        try {
            operation.action().run(operation.deadline());
        } catch (Throwable e) {
            operation.told().tell(fail(e));
            return;
        }
        operation.told().tell(null);
    }

    /** Saves the next one who opens the log the recovery; nothing that was acknowledged depends on it. */
    private void closeNow(Deadline deadline) {
        stopped = true;
        ledgers.close(failure != null, deadline);
    }

    /** From now on nothing is written. */
    private IOException fail(Throwable cause) {
        IOException failed = failure;
        if (failed == null) {
            failed = cause instanceof LogFencedException fenced
                    ? fenced
                    : new LogFailedException(
                            settings.logName() + ": a write failed (" + cause
                                    + "). What was in flight may be in the log or not, so it takes no appends until it is"
                                    + " reopened, which decides. Records up to "
                                    + (ledgers.held().next() - 1) + " stay readable.",
                            cause);
            failure = failed;
        }
        List<Stage> lost = new ArrayList<>(inFlight);
        inFlight.clear();
        lock.lock();
        try {
            for (Stage stage : queue) {
                if (stage != closeOperation) {
                    lost.add(stage);
                }
            }
            queue.removeIf(stage -> stage != closeOperation);
            signalled = true; // to close, if that was asked for
        } finally {
            lock.unlock();
        }
        for (Stage stage : lost) {
            if (stage instanceof Append append) {
                giveBack(append.bytes(), append.count());
            }
        }
        for (Stage stage : lost) {
            stage.told().tell(failed);
        }
        return failed;
    }

    /** The log cannot have another segment: appends that are not in it yet are refused, and their ids go back. */
    private void refuse(DiskFullException refusal) {
        List<Append> refused = new ArrayList<>(inFlight);
        inFlight.clear();
        lock.lock();
        try {
            for (Stage stage : queue) {
                if (stage instanceof Append append) {
                    refused.add(append);
                }
            }
            queue.removeIf(Append.class::isInstance);
            IdSpan held = ledgers.held();
            end.set(held.first(), held.next(), held.pinned());
            queue.forEach(stage -> stage.applyTo(end));
            signalled = true;
        } finally {
            lock.unlock();
        }
        refused.forEach(append -> giveBack(append.bytes(), append.count()));
        refused.forEach(append -> append.told().tell(refusal));
    }
}
