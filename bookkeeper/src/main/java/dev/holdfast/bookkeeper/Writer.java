package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.bookkeeper.Ledgers.WritableLedger;
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
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
    private static final Duration TRY_FULL_AGAIN = Duration.ofSeconds(10);
    private static final long LOOK_NANOS = 50_000_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private final Settings settings;
    private final Manifest manifest;
    private final Ledgers ledgers;
    private final Published published;
    private final LedgerReads reads;
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
    private final Map<Long, CompletableFuture<?>> deletions = new ConcurrentHashMap<>();
    private IdSpan held;
    private @Nullable Pipe pipe;
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
            Ledgers ledgers,
            Published published,
            LedgerReads reads,
            Executor completing) {
        this.settings = settings;
        this.manifest = manifest;
        this.ledgers = ledgers;
        this.published = published;
        this.reads = reads;
        this.completing = completing;
        this.held = manifest.state().ids();
        this.end = held.copy();
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
        operate(deadline -> truncateNow(lastToKeep, deadline), ids -> ids.truncate(lastToKeep));
    }

    /** Removes every record up to an id. */
    void trim(long discardUpTo) throws IOException {
        operate(deadline -> trimNow(discardUpTo, deadline), ids -> ids.trim(discardUpTo));
    }

    /** Removes every record and fixes the next id. */
    void reset(long nextId) throws IOException {
        operate(deadline -> resetNow(nextId, deadline), ids -> ids.reset(nextId));
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
        Pipe current = pipe;
        boolean settled = current != null && settle(current.acknowledged);
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
        if (inFlight.element().deadline().isOver()) {
            throw new IOException("no acknowledgement for " + settings.timeout());
        }
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
        manifest.confirmIfLongAgo(inFlight.element().deadline());
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
        boolean elsewhere = held.startsElsewhere(settled.get(0).firstId());
        long before = held.next();
        settled.forEach(append -> append.applyTo(held));
        if (elsewhere) {
            published.showAfterCut(currentView(), new Cut(0, before - 1));
        } else {
            published.show(currentView());
        }
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

    private View currentView() {
        return new View(
                held.first(),
                held.next(),
                manifest.state().segments(),
                published.lastView().newestCut());
    }

    /** Sends a batch on its way, if that can be done now. */
    private boolean send(Append append) throws IOException {
        if (!inFlight.isEmpty() && (pipe == null || !pipe.takes(append))) {
            return false;
        }
        if (pipe != null && !pipe.takes(append)) {
            roll(pipe, append);
        }
        Pipe target = pipe != null ? pipe : begin(create(append.deadline()), append);
        takeHead();
        inFlight.addLast(append);
        target.add(append);
        return true;
    }

    /** Goes on in another ledger: at the size for that, for another place, or since there may be enough bookies again. */
    private void roll(Pipe old, Append append) throws IOException {
        Deadline deadline = append.deadline();
        if (old.isRightPlace(append) && !old.isFull()) {
            Created full = createFull(deadline);
            old.triedFullNanos = System.nanoTime();
            if (full == null) {
                return;
            }
            try {
                seal(old, deadline);
            } catch (IOException | AssertionError e) {
                discard(full.ledger());
                throw e;
            }
            begin(full, append);
            return;
        }
        seal(old, deadline);
    }

    /** A new ledger, and whether it is on fewer bookies than it should be. */
    private record Created(WritableLedger ledger, boolean degraded) {}

    /** Makes a ledger, on as many bookies as there are if they are too few, and tries again until there are enough for that. */
    private Created create(Deadline deadline) throws IOException {
        Replication full = settings.replication();
        for (int tries = 0; ; tries++) {
            IOException why;
            try {
                return new Created(createOn(full, deadline), false);
            } catch (LedgerException | Deadline.TimeIsUpException e) {
                why = e;
            }
            for (int bookies = full.ensemble() - 1; isTooFew(why) && bookies >= full.ackQuorum(); bookies--) {
                try {
                    return new Created(createOn(full.on(Math.min(bookies, full.writeQuorum())), deadline), true);
                } catch (LedgerException | Deadline.TimeIsUpException e) {
                    why = e;
                }
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw new IOException("no ledger could be made: " + why.getMessage(), why);
            }
        }
    }

    private @Nullable Created createFull(Deadline deadline) throws IOException {
        try {
            return new Created(createOn(settings.replication(), deadline), false);
        } catch (LedgerException | Deadline.TimeIsUpException e) {
            return null;
        }
    }

    private static boolean isTooFew(IOException e) {
        return e instanceof LedgerException ledger && ledger.kind() == LedgerException.Kind.TOO_FEW_BOOKIES;
    }

    private WritableLedger createOn(Replication replication, Deadline deadline) throws IOException {
        Label label = new Label(manifest.logId(), manifest.state().epoch());
        return deadline.within(settings.oneTry())
                .await(ledgers.create(replication, label), "making a ledger", this::discard);
    }

    /** Removes a ledger that is in no state and never will be. */
    private void discard(WritableLedger ledger) {
        letGo(ledger);
        delete(ledger.ledgerId());
    }

    /** Ends the handle of a ledger; whether the ledger is sealed by that does not matter, but the handle has to end. */
    private static void letGo(WritableLedger ledger) {
        var unused = ledger.seal();
    }

    /** Writes a new ledger into the state, before the first entry is written into it. */
    private Pipe begin(Created created, Append first) throws IOException {
        WritableLedger ledger = created.ledger();
        boolean elsewhere = held.startsElsewhere(first.firstId());
        try {
            LogState next = manifest.state().begun(ledger.ledgerId(), first.firstId(), elsewhere);
            manifest.change(next, first.deadline());
        } catch (DiskFullException e) {
            discard(ledger);
            throw e;
        } catch (IOException | AssertionError e) {
            // Whether it is in the state is unknown, and if it is, a new owner may have it.
            letGo(ledger);
            throw e;
        }
        Pipe fresh = new Pipe(created, first.firstId());
        pipe = fresh;
        reads.add(ledger);
        published.show(currentView());
        return fresh;
    }

    /** Seals a ledger all of whose entries are acknowledged. */
    private void seal(Pipe old, Deadline deadline) throws IOException {
        change(sealed(old, deadline), deadline, () -> {
            dropPipe(old);
            published.show(currentView());
        });
    }

    /** The state with the ledger sealed, which it is when this returns. */
    private LogState sealed(Pipe old, Deadline deadline) throws IOException {
        Sealed sealed = sealLedger(old, deadline);
        if (sealed.entries() != old.sent) {
            throw new AssertionError("ledger " + old.ledger.ledgerId() + " has " + sealed.entries()
                    + " entries, all of " + old.sent + " were acknowledged");
        }
        return manifest.state().sealed(sealed.entries(), sealed.bytes());
    }

    /**
     * Makes a change, shows it, and only then removes the ledgers that the log does without from then on: a reader that finds one gone looks for a view which
     * explains that. One that another owner had open stays for its fence: see {@link #settle}.
     */
    private void change(LogState after, Deadline deadline, Runnable showing) throws IOException {
        LogState before = manifest.state();
        manifest.change(after, deadline);
        showing.run();
        for (Segment segment : before.segments()) {
            if (!segment.recovered()
                    && after.segments().stream().noneMatch(kept -> kept.ledgerId() == segment.ledgerId())) {
                delete(segment.ledgerId());
            }
        }
    }

    private void delete(long ledgerId) {
        CompletableFuture<?> deletion = ledgers.delete(ledgerId);
        deletions.put(ledgerId, deletion);
        var unused = deletion.whenComplete((ignored, e) -> {
            deletions.remove(ledgerId);
            if (e != null) {
                LOGGER.log(Level.DEBUG, () -> "ledger " + ledgerId + " of " + settings.logName() + " is left over", e);
            }
        });
    }

    private void dropPipe(Pipe old) {
        pipe = null;
        reads.forget(old.ledger.ledgerId());
    }

    /** What a sealed ledger holds. */
    private record Sealed(long entries, long bytes) {}

    /** Settles where a ledger ends: by its own handle, or, if that fails, as anybody would who takes it over. */
    private Sealed sealLedger(Pipe old, Deadline deadline) throws IOException {
        for (int tries = 0; ; tries++) {
            IOException why;
            try {
                Deadline oneTry = deadline.within(settings.oneTry());
                long entries = oneTry.await(old.ledger.seal(), "sealing ledger " + old.ledger.ledgerId());
                return new Sealed(entries, old.ledger.bytes());
            } catch (LedgerException | Deadline.TimeIsUpException e) {
                why = e;
            }
            manifest.confirm(deadline);
            try {
                return recovered(old.ledger.ledgerId(), deadline.within(settings.oneTry()));
            } catch (LedgerException | Deadline.TimeIsUpException e) {
                why.addSuppressed(e);
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw new IOException(
                        "ledger " + old.ledger.ledgerId() + " could not be sealed: " + why.getMessage(), why);
            }
        }
    }

    private Sealed recovered(long ledgerId, Deadline deadline) throws IOException {
        ReadableLedger ledger =
                deadline.await(ledgers.recover(ledgerId), "recovering ledger " + ledgerId, ReadableLedger::close);
        try {
            long entries = deadline.await(ledger.confirmedEntries(), "reading the end of ledger " + ledgerId);
            return new Sealed(entries, ledger.bytes());
        } finally {
            ledger.close();
        }
    }

    /** Goes on in another ledger, after one has failed, with all that is not acknowledged. */
    private void repair(Pipe broken) throws IOException {
        Deadline deadline = inFlight.element().deadline();
        LOGGER.log(
                Level.DEBUG,
                () -> settings.logName() + ": ledger " + broken.ledger.ledgerId() + " is given up after "
                        + broken.acknowledged + " of " + broken.sent + " entries",
                broken.trouble);
        manifest.confirm(deadline);
        Sealed sealed = sealLedger(broken, deadline);
        settle(sealed.entries());
        long whole = inFlight.isEmpty() ? broken.sent : inFlight.element().firstEntry();
        change(manifest.state().sealed(whole, sealed.bytes()), deadline, () -> {
            dropPipe(broken);
            published.show(currentView());
        });
        deadline.pause(repairs++); // the next ledger may meet the same bookies
        if (inFlight.isEmpty()) {
            return;
        }
        Append first = inFlight.element();
        Pipe next = begin(create(deadline), first);
        for (Append append : inFlight) {
            next.add(append);
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

    private void truncateNow(long lastToKeep, Deadline deadline) throws IOException {
        IdSpan after = held.copy();
        if (!after.truncate(lastToKeep)) {
            return;
        }
        Pipe old = pipe;
        LogState sealed = old == null ? manifest.state() : sealed(old, deadline);
        change(sealed.truncated(lastToKeep), deadline, () -> {
            if (old != null) {
                dropPipe(old);
            }
            long oldNext = held.next();
            held = after;
            published.showAfterCut(currentView(), new Cut(held.next(), oldNext - 1));
            reads.retain(manifest.state().segments());
        });
    }

    private void trimNow(long discardUpTo, Deadline deadline) throws IOException {
        IdSpan after = held.copy();
        if (!after.trim(discardUpTo)) {
            return;
        }
        change(manifest.state().trimmed(after.first()), deadline, () -> {
            held = after;
            published.show(currentView());
            reads.retain(manifest.state().segments());
        });
    }

    private void resetNow(long nextId, Deadline deadline) throws IOException {
        Pipe old = pipe;
        if (old != null) {
            letGo(old.ledger); // before it is deleted, since that is for ledgers of which nobody writes any more
        }
        change(manifest.state().resetTo(nextId), deadline, () -> {
            if (old != null) {
                dropPipe(old);
            }
            long oldNext = held.next();
            held.reset(nextId);
            published.showAfterCut(currentView(), new Cut(0, oldNext - 1));
            reads.retain(List.of());
        });
    }

    /** Saves the next one who opens the log the recovery; nothing that was acknowledged depends on it. */
    private void closeNow(Deadline deadline) {
        stopped = true;
        Pipe last = pipe;
        if (failure == null && last != null) {
            try {
                seal(last, deadline);
            } catch (IOException | AssertionError e) {
                LOGGER.log(Level.DEBUG, () -> settings.logName() + " was closed without sealing its last ledger", e);
            }
        } else if (last != null) {
            letGo(last.ledger);
        }
        for (CompletableFuture<?> deletion : List.copyOf(deletions.values())) {
            try {
                deadline.within(settings.oneTry()).await(deletion, "removing a ledger");
            } catch (IOException e) {
                LOGGER.log(Level.DEBUG, () -> settings.logName() + " was closed before its ledgers were removed", e);
            }
        }
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
                                    + (held.next() - 1) + " stay readable.",
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
            end.set(held.first(), held.next(), held.pinned());
            queue.forEach(stage -> stage.applyTo(end));
            signalled = true;
        } finally {
            lock.unlock();
        }
        refused.forEach(append -> giveBack(append.bytes(), append.count()));
        refused.forEach(append -> append.told().tell(refusal));
    }

    /** The ledger that is written, and what is known of it. */
    private final class Pipe {
        private final WritableLedger ledger;
        private final boolean degraded;
        private final long firstId;
        private long sent;
        private long sentBytes;
        private long triedFullNanos = System.nanoTime();
        private long quietSinceNanos;
        private long acknowledgedBefore;
        private volatile long acknowledged;
        private volatile @Nullable LedgerException trouble;

        Pipe(Created created, long firstId) {
            this.ledger = created.ledger();
            this.degraded = created.degraded();
            this.firstId = firstId;
        }

        boolean isRightPlace(Append append) {
            return append.firstId() == firstId + sent;
        }

        boolean isFull() {
            return sentBytes >= settings.segmentBytes();
        }

        boolean takes(Append append) {
            boolean tryFull = degraded && System.nanoTime() - triedFullNanos > TRY_FULL_AGAIN.toNanos();
            return isRightPlace(append) && !isFull() && !tryFull;
        }

        void add(Append append) throws IOException {
            if (acknowledged == sent) {
                quietSinceNanos = System.nanoTime();
            }
            append.placeAt(sent);
            for (byte[] entry : append.entries()) {
                checkInTime(); // a client may block for each of them
                sent++;
                sentBytes += entry.length;
                ledger.append(entry, this::told);
            }
        }

        private void told(long entry, @Nullable LedgerException failed) {
            if (failed != null) {
                trouble = failed;
            } else if (trouble == null) {
                acknowledged = entry + 1;
            }
            signal();
        }

        /** Whether it has failed, or has not answered for so long that it is taken for failed. */
        boolean isBroken() {
            if (acknowledged != acknowledgedBefore) {
                acknowledgedBefore = acknowledged;
                quietSinceNanos = System.nanoTime();
            }
            return trouble != null
                    || System.nanoTime() - quietSinceNanos > settings.stall().toNanos();
        }
    }
}
