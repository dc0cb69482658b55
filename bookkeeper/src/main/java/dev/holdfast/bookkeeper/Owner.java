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
 * The owner of a log: the one thread that writes to its ledgers and changes its state.
 *
 * <p>The owner's thread takes the calls at the head of the queue. Appends are sent on at once, any number in flight;
 * whatever else there is waits until nothing is in flight. A batch is acknowledged, shown and told, in order, when all
 * its entries are acknowledged.
 *
 * <p>Where an entry cannot be written, or no answer comes, the owner looks whether the log is still its own, seals the
 * ledger, which settles what is in it, writes down in the state where its last whole batch ends, and appends what is
 * not acknowledged yet to a new ledger, in order. Whether the entries behind that end are there or not does not matter
 * from then on. All this has to happen before the first of the callers that wait has waited too long; then, or when the
 * state of the log is somebody else's, the handle fails for good: what it has in flight fails with one exception, and
 * opening the log again decides.
 *
 * <p>Nothing but the end of the log ends the thread. Whatever is thrown fails the handle, and everybody is told. That
 * allocates nothing that must be there: a call is in a queue until it is complete, queues need no memory, and an
 * exception is ready.
 */
final class Owner {
    private static final Logger LOGGER = System.getLogger("dev.holdfast.bookkeeper");
    private static final long LOOK_NANOS = 50_000_000;

    private final Writer.Settings settings;
    private final Submissions submissions;
    private final AdmissionQueue admissions;
    private final LedgerWriter ledgers;
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();

    private final QueueItem.Queue<Append> inFlight = new QueueItem.Queue<>();
    private final QueueItem.Queue<Operation> running = new QueueItem.Queue<>();
    private int repairs;
    private boolean stopped;

    private final AtomicLong appendedRecords = new AtomicLong();
    private final AtomicLong appendedBytes = new AtomicLong();
    private final AtomicLong appends = new AtomicLong();

    Owner(Writer.Settings settings, Submissions submissions, AdmissionQueue admissions, LedgerWriter ledgers) {
        this.settings = settings;
        this.submissions = submissions;
        this.admissions = admissions;
        this.ledgers = ledgers;
    }

    /** For operations, which run on the owner's thread. */
    LedgerWriter ledgers() {
        return ledgers;
    }

    Writer.Figures figures() {
        return new Writer.Figures(appendedRecords.get(), appendedBytes.get(), appends.get(), submissions.failure());
    }

    /** Waits until the thread has ended, or the log has lost its time. */
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
        submissions.awaitSignal(inFlight.isEmpty() ? Long.MAX_VALUE : LOOK_NANOS);
        try {
            while (doSomething()) {
                // until there is nothing to do
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
            completeAll(failed);
            closeIfAsked();
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
            run(operation);
            return true;
        }
        if (head == null && inFlight.isEmpty()) {
            closeIfAsked();
        }
        return settled;
    }

    /**
     * Tells all whose entries stand before this one in the ledger that they are acknowledged.
     *
     * <p>Why nobody else owns the log when an entry counts: a ledger's bookies acknowledge nothing once somebody has
     * opened it with recovery. Bookies keep such a fence on their disks as long as the ledger exists, so an owner that
     * comes back after any time is refused by the very bookies that would have to acknowledge, whatever its clock says
     * and whether or not it reaches the metadata store. When a ledger is deleted, they forget the fence with it, and
     * take entries of that number again. So an owner deletes only ledgers that their own writer has sealed, and with
     * that let go of. A ledger that was recovered from another owner stays, also when its records are removed, until
     * somebody who knows that this owner has ended removes it ({@link Sweeper}). No clock stands in this argument.
     *
     * <p>The second line, for the case that somebody has removed such a ledger all the same, or that bookies have lost
     * it: an owner that has not heard from the metadata store for {@link Manifest#CONFIRMED_FOR} asks whether the log
     * is still its own before it tells anybody anything. It asks after the entries were acknowledged: if it is then
     * still the owner, whoever takes the log over later recovers the ledger later, and finds them. This line does rest
     * on the owner's clock not standing still, as that of a suspended machine may.
     */
    private boolean settle(long acknowledgedEntries) throws IOException {
        Append oldest = inFlight.peek();
        if (oldest == null || oldest.endEntry() > acknowledgedEntries) {
            return false;
        }
        ledgers.confirmIfLongAgo(oldest.deadline());
        List<Append> settled = new ArrayList<>();
        for (Append append = oldest;
                append != null && append.endEntry() <= acknowledgedEntries;
                append = inFlight.after(append)) {
            settled.add(append);
        }
        ledgers.show(settled); // may fail for want of memory, so they stay in flight until they are told
        repairs = 0;
        Append newest = settled.get(settled.size() - 1);
        admissions.acknowledged(newest.inFlight(), newest.deadline().elapsedNanos());
        for (Append append : settled) {
            appendedRecords.addAndGet(append.count());
            appendedBytes.addAndGet(append.dataBytes());
            appends.incrementAndGet();
            var unused = inFlight.poll();
            append.complete(null);
        }
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
        Append oldest = inFlight.peek();
        var unused = submissions.poll();
        inFlight.add(append);
        target.add(append, oldest == null ? append.deadline() : oldest.deadline());
        return true;
    }

    /** Goes on in another ledger, after one has failed, with all that is not acknowledged. */
    private void repair(Pipe broken, Append oldest) throws IOException {
        Deadline deadline = oldest.deadline();
        LOGGER.log(
                Level.DEBUG,
                () -> settings.logName() + ": ledger " + broken.ledger().ledgerId() + " is given up after "
                        + broken.acknowledged() + " of " + broken.sent() + " entries",
                broken.trouble());
        LedgerWriter.Sealed sealed = ledgers.end(broken, deadline);
        settle(sealed.entries());
        Append first = inFlight.peek();
        ledgers.cut(broken, first == null ? broken.sent() : first.firstEntry(), sealed, deadline);
        deadline.pause(repairs++); // the next ledger may meet the same bookies
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
            throw new IOException(e); // which is nothing to refuse: the operation has begun
        }
        running.poll();
        operation.complete(null);
    }

    private void closeIfAsked() {
        Operation close = submissions.closeOperation();
        if (close != null) {
            stopped = true;
            ledgers.close(submissions.failure() != null, close.deadline());
        }
    }

    /** From now on nothing is written. Needs no memory, or does without. */
    private void fail(Throwable cause) {
        IOException reason = null;
        try {
            reason = describe(cause);
        } catch (Throwable e) {
            // The exception that is ready has to do.
        }
        var unused = submissions.fail(reason);
        submissions.signal();
    }

    private IOException describe(Throwable cause) {
        return cause instanceof LogFencedException fenced
                ? fenced
                : new LogFailedException(
                        settings.logName() + ": a write failed (" + cause
                                + "). What was in flight may be in the log or not, so it takes no appends until it is"
                                + " reopened, which decides. Records up to "
                                + (ledgers.held().next() - 1) + " stay readable.",
                        cause);
    }

    private void completeAll(IOException failed) {
        admissions.stop();
        complete(inFlight, failed);
        complete(running, failed);
        for (QueueItem stage = submissions.poll(); stage != null; stage = submissions.poll()) {
            stage.complete(failed);
        }
    }

    private static void complete(QueueItem.Queue<?> stages, IOException failed) {
        for (QueueItem stage = stages.poll(); stage != null; stage = stages.poll()) {
            stage.complete(failed);
        }
    }

    /** The log cannot have another segment: appends that are not in it yet are refused, and their ids go back. */
    private void refuse(IOException refusal) {
        submissions.takeAppends(inFlight, ledgers.held());
        complete(inFlight, refusal);
    }
}
