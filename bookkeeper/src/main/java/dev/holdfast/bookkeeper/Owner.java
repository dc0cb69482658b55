package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.QueueItem.Append;
import dev.holdfast.bookkeeper.QueueItem.Operation;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFencedException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The owner of a log: the only thread that writes to the log's ledgers and changes its state.
 *
 * <p><em>Calls.</em> The owner's thread takes calls from the head of the queue. It sends appends at once, without
 * waiting for earlier appends, so there is no limit on the number of appends in flight. Any other call is an operation,
 * which waits until no append is in flight. When all entries of a batch are acknowledged, the owner publishes the batch
 * to readers and completes its call, in the order of ids.
 *
 * <p><em>Hooks.</em> Another thread runs commit hooks, see {@link HookedCompletion}: the owner's thread never waits for
 * the application's code. An operation waits until the hooks of all appends before it have run.
 *
 * <p><em>Repair.</em> If an entry cannot be written, or is not answered in time, the owner continues in a new ledger:
 *
 * <ol>
 *   <li>It checks that it still owns the log.
 *   <li>It seals the ledger, which determines the ledger's last entry.
 *   <li>It writes the end of the last whole batch into the state of the log. Entries behind that end are ignored from
 *       then on.
 *   <li>It appends all unacknowledged batches to a new ledger, in order.
 * </ol>
 *
 * <p><em>Failure.</em> A repair must finish before the oldest batch in flight times out. If it does not, or if somebody
 * else owns the log, the log fails for good: after the hooks of acknowledged batches have run, all calls in flight fail
 * with the same exception. Whether their records are in the log is decided when the log is opened again.
 *
 * <p><em>Errors.</em> The thread ends only when the log is closed. Any exception or error fails the log and completes
 * all its calls. Failing the log needs no memory: a call is in a queue until it is complete, queues allocate nothing,
 * and one exception was created in advance.
 */
final class Owner {
    private static final Logger LOGGER = System.getLogger("dev.holdfast.bookkeeper");
    private static final long CHECK_NANOS = 50_000_000;

    private final Writer.Settings settings;
    private final Submissions submissions;
    private final AdmissionQueue admissions;
    private final LedgerWriter ledgers;
    private final TaskQueue hooks;
    private final Pauses held;
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private final QueueItem.Queue<Append> inFlight = new QueueItem.Queue<>();
    private final QueueItem.Queue<Operation> running = new QueueItem.Queue<>();
    private int repairs;
    private boolean stopped;

    private final AtomicLong appendedRecords = new AtomicLong();
    private final AtomicLong appendedBytes = new AtomicLong();
    private final AtomicLong appends = new AtomicLong();

    /**
     * Creates the owner of a log.
     *
     * @param hooks the queue that runs commit hooks; it must signal the owner's thread each time it becomes idle
     * @param held measures the time during which queued calls wait for commit hooks
     */
    Owner(
            Writer.Settings settings,
            Submissions submissions,
            AdmissionQueue admissions,
            LedgerWriter ledgers,
            TaskQueue hooks,
            Pauses held) {
        this.settings = settings;
        this.submissions = submissions;
        this.admissions = admissions;
        this.ledgers = ledgers;
        this.hooks = hooks;
        this.held = held;
    }

    /**
     * Returns the object that changes the log's ledgers. Only operations may use it, because they run on the owner's
     * thread.
     */
    LedgerWriter ledgers() {
        return ledgers;
    }

    Writer.Figures figures() {
        return new Writer.Figures(appendedRecords.get(), appendedBytes.get(), appends.get(), submissions.failure());
    }

    /**
     * Waits until the owner's thread has closed the log and ended.
     *
     * @throws LogTimeoutException if the deadline expires first
     */
    void awaitEnd(Deadline deadline) throws IOException {
        deadline.await(ended, "closing " + settings.logName());
    }

    void run() {
        while (!stopped) {
            try {
                work();
            } catch (Throwable e) {
                fail(e);
            }
        }
        ended.complete(null);
    }

    private void work() throws IOException {
        submissions.awaitSignal(inFlight.isEmpty() ? Long.MAX_VALUE : CHECK_NANOS);
        try {
            while (doSomething()) {
                // repeat until nothing is left to do
            }
        } catch (DiskFullException e) {
            refuse(e);
        } catch (RefusedAppendException e) {
            refuse(e.reason());
        }
    }

    private boolean doSomething() throws IOException {
        IOException failed = submissions.failure();
        if (failed != null) {
            admissions.stop();
            if (!waitsForHooks()) {
                completeAll(failed);
                closeIfAsked();
            }
            return false;
        }
        Pipe current = ledgers.pipe();
        boolean settled = current != null && settle(current.acknowledged());
        Append oldest = inFlight.peek();
        if (current != null && oldest != null) {
            oldest.deadline().checkAcknowledgement(settings.timeout());
            if (current.isBroken()) {
                repair(current, oldest);
                return true;
            }
        }
        QueueItem head = submissions.peek();
        if (head instanceof Append append) {
            return send(append) || settled;
        }
        if (head instanceof Operation operation && inFlight.isEmpty()) {
            if (waitsForHooks()) {
                return settled;
            }
            run(operation);
            return true;
        }
        if (head == null && inFlight.isEmpty() && submissions.closeOperation() != null && !waitsForHooks()) {
            closeIfAsked();
        }
        return settled;
    }

    /**
     * Returns whether commit hooks of acknowledged batches are still running. If so, the owner's thread must run no
     * operation, and complete no call of a failed log; the thread is signalled when the hooks have run. The time until
     * then does not count towards the deadlines of queued calls.
     */
    private boolean waitsForHooks() {
        if (hooks.isBusy()) {
            held.begin();
            return true;
        }
        held.end();
        return false;
    }

    /**
     * Publishes and completes all batches whose entries are acknowledged.
     *
     * <p>The following explains why nobody else owns the log when bookies acknowledge an entry: opening a ledger with
     * recovery fences it, and the bookies of a fenced ledger acknowledge nothing. Bookies keep a fence on disk as long
     * as the ledger exists. If a replaced owner tries to write, even much later, the bookies that would have to
     * acknowledge its entries refuse them. This does not depend on the owner's clock or on its connection to the
     * metadata store. When a ledger is deleted, however, bookies forget its fence, and would accept entries for that
     * ledger again. Therefore, an owner deletes only ledgers that were sealed by their own writers, which do not write
     * to them any more. A ledger that was recovered from another owner remains even after its records are removed.
     * Somebody who knows that the other owner has ended may remove the ledger with {@link Sweeper}.
     *
     * <p>The second line of defence covers the case that somebody removes such a ledger too early, or that bookies lose
     * it. If the metadata store has not answered the owner for {@link Manifest#CONFIRMED_FOR}, the owner asks it
     * whether it still owns the log, before it completes a call. The owner asks after the entries were acknowledged. If
     * its ownership is confirmed then, it can only be replaced later, and the recovery by its successor finds the
     * entries. This second line does depend on the owner's clock, which may stop while a machine is suspended.
     *
     * @param acknowledgedEntries the number of acknowledged entries at the beginning of the ledger
     * @return whether a batch was completed
     */
    private boolean settle(long acknowledgedEntries) throws IOException {
        Append oldest = inFlight.peek();
        if (oldest == null || oldest.endEntry() > acknowledgedEntries) {
            return false;
        }
        ledgers.confirmIfLongAgo(oldest.deadline());
        List<Append> settled = new ArrayList<>();
        long records = 0;
        for (Append append = oldest;
                append != null && append.endEntry() <= acknowledgedEntries;
                append = inFlight.after(append)) {
            settled.add(append);
            records += append.count();
        }
        ledgers.show(settled); // may run out of memory, so the batches stay in flight until they are completed
        repairs = 0;
        Append newest = settled.get(settled.size() - 1);
        admissions.acknowledged(records, newest.inFlight(), newest.deadline().elapsedNanos());
        for (Append append : settled) {
            appendedRecords.addAndGet(append.count());
            appendedBytes.addAndGet(append.dataBytes());
            appends.incrementAndGet();
            var unused = inFlight.poll();
            append.complete(null);
        }
        return true;
    }

    /**
     * Sends a batch to the current ledger, or to a new ledger if the current one cannot take it. Returns false if the
     * batch was not sent, because it first has to wait until the batches in flight are acknowledged.
     */
    private boolean send(Append append) throws IOException {
        Pipe current = ledgers.pipe();
        if (!inFlight.isEmpty() && (current == null || !current.takes(append))) {
            return false;
        }
        if (current != null && !current.takes(append)) {
            ledgers.roll(current, append);
        }
        Pipe target = ledgers.pipeFor(append);
        Append oldest = inFlight.peek();
        var unused = submissions.poll();
        inFlight.add(append);
        target.add(append, oldest == null ? append.deadline() : oldest.deadline());
        return true;
    }

    /** Seals a failed ledger and appends all unacknowledged batches to a new ledger. */
    private void repair(Pipe broken, Append oldest) throws IOException {
        Deadline deadline = oldest.deadline();
        LOGGER.log(
                Level.DEBUG,
                () -> settings.logName() + ": ledger " + broken.ledger().ledgerId() + " failed after "
                        + broken.acknowledged() + " of " + broken.sent() + " entries; the log continues in a new one",
                broken.trouble());
        LedgerWriter.Sealed sealed = ledgers.end(broken, deadline);
        settle(sealed.entries());
        Append first = inFlight.peek();
        ledgers.cut(broken, first == null ? broken.sent() : first.firstEntry(), sealed, deadline);
        deadline.pause(repairs++); // the next ledger may use the same bookies
        if (first == null) {
            return;
        }
        Pipe next = ledgers.pipeFor(first);
        for (Append append = first; append != null; append = inFlight.after(append)) {
            next.add(append, deadline);
        }
    }

    private void run(Operation operation) throws IOException {
        var unused = submissions.poll();
        running.add(operation);
        try {
            operation.action().run(operation.deadline());
        } catch (DiskFullException e) {
            throw new IOException(e); // fails the log: an operation that has begun cannot be refused
        }
        running.poll();
        operation.complete(null);
    }

    private void closeIfAsked() {
        Operation close = submissions.closeOperation();
        if (close != null) {
            stopped = true;
            if (submissions.failure() == null) {
                ledgers.close(close.deadline());
            } else {
                ledgers.abandon(close.deadline());
            }
        }
    }

    /** Fails the log, so that nothing is written any more. Succeeds even if there is no free memory. */
    private void fail(Throwable cause) {
        IOException reason = null;
        try {
            reason = describe(cause);
        } catch (Throwable e) {
            // The exception that was created in advance is used.
        }
        var unused = submissions.fail(reason);
        submissions.signal();
    }

    private IOException describe(Throwable cause) {
        return cause instanceof LogFencedException fenced
                ? fenced
                : new LogFailedException(
                        settings.logName() + ": a write failed (" + cause
                                + "). It is unknown whether the appends in flight are in the log. Close the log and"
                                + " open it again: it accepts no appends until it is reopened, and reopening decides."
                                + " Records up to " + (ledgers.held().next() - 1) + " stay readable.",
                        cause);
    }

    private void completeAll(IOException failed) {
        complete(inFlight, failed);
        complete(running, failed);
        for (QueueItem item = submissions.poll(); item != null; item = submissions.poll()) {
            item.complete(failed);
        }
    }

    private static void complete(QueueItem.Queue<?> items, IOException failed) {
        for (QueueItem item = items.poll(); item != null; item = items.poll()) {
            item.complete(failed);
        }
    }

    /**
     * Fails all appends in flight and in the queue with the given exception, because no segment can be created for
     * them. The log stays usable, and the ids of these appends are assigned again.
     */
    private void refuse(IOException refusal) {
        submissions.takeAppends(inFlight, ledgers.held());
        complete(inFlight, refusal);
    }
}
