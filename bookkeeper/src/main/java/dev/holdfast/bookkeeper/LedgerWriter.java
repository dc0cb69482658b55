package dev.holdfast.bookkeeper;

import static java.util.stream.Collectors.toSet;

import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import dev.holdfast.bookkeeper.Ledgers.WritableLedger;
import dev.holdfast.bookkeeper.QueueItem.Append;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Changes the ledgers of a log on behalf of its owner: adds new ledgers to the state, seals and removes them, and
 * removes records. Used only by the owner's thread.
 */
final class LedgerWriter {
    private static final Logger LOGGER = System.getLogger("dev.holdfast.bookkeeper");

    private final Writer.Settings settings;
    private final Manifest manifest;
    private final Ledgers ledgers;
    private final ViewHolder published;
    private final LedgerReads reads;
    private final Runnable signal;
    private final LedgerMaker maker;
    private IdSpan held;
    private @Nullable Pipe pipe;

    /**
     * Creates the writer of a log whose last segment is sealed.
     *
     * @param signal wakes the owner's thread; called when a ledger has answered
     */
    LedgerWriter(
            Writer.Settings settings,
            Manifest manifest,
            Ledgers ledgers,
            ViewHolder published,
            LedgerReads reads,
            Runnable signal) {
        this.settings = settings;
        this.manifest = manifest;
        this.ledgers = ledgers;
        this.published = published;
        this.reads = reads;
        this.signal = signal;
        this.maker = new LedgerMaker(settings, manifest, ledgers);
        this.held = manifest.state().ids();
    }

    /** Returns the ledger that is being written, or null if there is none. */
    @Nullable
    Pipe pipe() {
        return pipe;
    }

    /** Returns the ids of the acknowledged records. */
    IdSpan held() {
        return held;
    }

    /**
     * Confirms that this process still owns the log, unless this was confirmed recently: see
     * {@link Manifest#CONFIRMED_FOR}.
     */
    void confirmIfLongAgo(Deadline deadline) throws IOException {
        manifest.confirmIfLongAgo(deadline);
    }

    /** Publishes acknowledged appends to readers. The appends must be in the order of their ids. */
    void show(List<Append> acknowledged) {
        boolean elsewhere = held.startsElsewhere(acknowledged.get(0).firstId());
        long before = held.next();
        acknowledged.forEach(append -> append.applyTo(held));
        if (elsewhere) {
            published.publishAfterTruncation(currentView(), new Truncation(0, before - 1));
        } else {
            published.publish(currentView());
        }
    }

    private View currentView() {
        return new View(
                held.first(),
                held.next(),
                manifest.state().segments(),
                published.lastView().newestTruncation());
    }

    /** Returns the ledger that is being written. If there is none, creates a ledger that begins with this append. */
    Pipe pipeFor(Append append) throws IOException {
        Pipe current = pipe;
        return current != null ? current : begin(maker.create(append.deadline()), append);
    }

    /**
     * Seals the current ledger, because it is full, because the append does not follow its last record, or because a
     * better ledger may be possible now. A better ledger has as many bookies as configured, and no stalled bookie. If a
     * better ledger was the only reason and none can be created, the current ledger is kept.
     */
    void roll(Pipe old, Append append) throws IOException {
        Deadline deadline = append.deadline();
        if (old.isRightPlace(append) && !old.isFull()) {
            LedgerMaker.Created full = maker.createFull(deadline);
            old.triedAnother();
            if (full == null) {
                return;
            }
            if (full.ledger().hasSlowBookie()) {
                maker.discard(full.ledger()); // there are not enough other bookies
                return;
            }
            try {
                seal(old, deadline);
            } catch (IOException | AssertionError e) {
                maker.discard(full.ledger());
                throw e;
            }
            begin(full, append);
            return;
        }
        seal(old, deadline);
    }

    /**
     * Adds a new ledger to the state, before the first entry is written to the ledger, and makes it the current ledger.
     */
    private Pipe begin(LedgerMaker.Created created, Append first) throws IOException {
        WritableLedger ledger = created.ledger();
        boolean elsewhere = held.startsElsewhere(first.firstId());
        try {
            LogState next = manifest.state().begun(ledger.ledgerId(), first.firstId(), elsewhere);
            manifest.change(next, first.deadline());
        } catch (DiskFullException e) {
            maker.discard(ledger);
            throw e;
        } catch (IOException | AssertionError e) {
            // It is unknown whether the state lists the ledger. If it does, a new owner may already use the ledger.
            LedgerMaker.closeHandle(ledger);
            throw e;
        }
        Pipe fresh =
                new Pipe(settings, ledger, created.degraded(), manifest.state().last(), signal);
        pipe = fresh;
        reads.add(ledger);
        published.publish(currentView());
        return fresh;
    }

    /**
     * Seals the last ledger, so that the next opening needs no recovery. If that fails, no acknowledged record is lost.
     * Also waits for deletions of ledgers that are still running.
     */
    void close(Deadline deadline) {
        Pipe last = pipe;
        if (last != null) {
            try {
                seal(last, deadline);
            } catch (IOException | AssertionError e) {
                LOGGER.log(Level.DEBUG, () -> settings.logName() + " was closed without sealing its last ledger", e);
            }
        }
        maker.awaitDeletions(deadline);
    }

    /** Closes the handle of the last ledger of a failed log, and waits for deletions that are still running. */
    void abandon(Deadline deadline) {
        Pipe last = pipe;
        if (last != null) {
            LedgerMaker.closeHandle(last.ledger());
        }
        maker.awaitDeletions(deadline);
    }

    /** Seals the current ledger and stores its end in the state. All of its entries must be acknowledged. */
    private void seal(Pipe old, Deadline deadline) throws IOException {
        change(sealed(old, deadline), deadline, () -> {
            dropPipe(old);
            published.publish(currentView());
        });
    }

    /** Seals a ledger and returns the state that lists it as sealed. The caller must store that state. */
    private LogState sealed(Pipe old, Deadline deadline) throws IOException {
        Sealed sealed = sealLedger(old, deadline);
        if (sealed.entries() != old.sent()) {
            throw new AssertionError("ledger " + old.ledger().ledgerId() + " has " + sealed.entries() + " entries, but "
                    + old.sent() + " were acknowledged");
        }
        return manifest.state().sealed(sealed.entries(), sealed.bytes());
    }

    /**
     * Stores a new state, publishes it with {@code showing}, and then deletes the ledgers that the new state no longer
     * lists. In this order, a reader that finds its ledger missing also finds a view without the ledger. A ledger that
     * recovery has sealed is not deleted, because its fence stops the owner that was replaced: see
     * {@code Owner.settle}.
     */
    private void change(LogState after, Deadline deadline, Runnable showing) throws IOException {
        LogState before = manifest.state();
        manifest.change(after, deadline);
        showing.run();
        Set<Long> kept = after.segments().stream().map(Segment::ledgerId).collect(toSet());
        for (Segment segment : before.segments()) {
            if (!segment.recovered() && !kept.contains(segment.ledgerId())) {
                maker.delete(segment.ledgerId());
            }
        }
    }

    private void dropPipe(Pipe old) {
        pipe = null;
        reads.forget(old.ledger().ledgerId());
    }

    /** Content of a sealed ledger: number of entries, and size in bytes. */
    record Sealed(long entries, long bytes) {}

    /**
     * Seals a broken ledger, if this process still owns the log.
     *
     * @return the number of entries in the ledger, acknowledged or not, and their size
     */
    Sealed end(Pipe broken, Deadline deadline) throws IOException {
        manifest.confirm(deadline);
        return sealLedger(broken, deadline);
    }

    /**
     * Stores in the state that a broken ledger ends after {@code entries} entries. Further entries in the ledger do not
     * belong to the log. The ledger is no longer the current one.
     */
    void cut(Pipe broken, long entries, Sealed sealed, Deadline deadline) throws IOException {
        change(manifest.state().sealed(entries, sealed.bytes()), deadline, () -> {
            dropPipe(broken);
            published.publish(currentView());
        });
    }

    /** Seals a ledger through the handle that wrote it. If that fails, seals it by recovery, as a new owner would. */
    private Sealed sealLedger(Pipe old, Deadline deadline) throws IOException {
        for (int tries = 0; ; tries++) {
            IOException why;
            try {
                Deadline oneTry = deadline.within(settings.oneTry());
                long entries = oneTry.await(
                        old.ledger().seal(), "sealing ledger " + old.ledger().ledgerId());
                return new Sealed(entries, old.ledger().bytes());
            } catch (LedgerException | LogTimeoutException e) {
                why = e;
            }
            manifest.confirm(deadline);
            try {
                return recovered(old.ledger().ledgerId(), deadline.within(settings.oneTry()));
            } catch (LedgerException | LogTimeoutException e) {
                why.addSuppressed(e);
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw new IOException(
                        "ledger " + old.ledger().ledgerId() + " could not be sealed: " + why.getMessage(), why);
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

    /** Removes every record above an id. Nothing may be in flight. */
    void truncate(long lastToKeep, Deadline deadline) throws IOException {
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
            published.publishAfterTruncation(currentView(), new Truncation(held.next(), oldNext - 1));
            reads.retain(manifest.state().segments());
        });
    }

    /** Removes every record up to an id. Nothing may be in flight. */
    void trim(long discardUpTo, Deadline deadline) throws IOException {
        IdSpan after = held.copy();
        if (!after.trim(discardUpTo)) {
            return;
        }
        change(manifest.state().trimmed(after.first()), deadline, () -> {
            held = after;
            published.publish(currentView());
            reads.retain(manifest.state().segments());
        });
    }

    /** Removes every record and fixes the next id. Nothing may be in flight. */
    void reset(long nextId, Deadline deadline) throws IOException {
        Pipe old = pipe;
        if (old != null) {
            // First, because a ledger must not be written any more when it is deleted.
            LedgerMaker.closeHandle(old.ledger());
        }
        change(manifest.state().resetTo(nextId), deadline, () -> {
            if (old != null) {
                dropPipe(old);
            }
            long oldNext = held.next();
            held.reset(nextId);
            published.publishAfterTruncation(currentView(), new Truncation(0, oldNext - 1));
            reads.retain(List.of());
        });
    }
}
