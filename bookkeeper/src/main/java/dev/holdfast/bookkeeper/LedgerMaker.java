package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.bookkeeper.Ledgers.WritableLedger;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Creates and deletes the ledgers of a log in the cluster. Does not change the state of the log: a new ledger belongs
 * to the log when the state lists it. Used only by the owner's thread.
 */
final class LedgerMaker {
    private static final Logger LOGGER = System.getLogger("dev.holdfast.bookkeeper");

    private final Writer.Settings settings;
    private final Manifest manifest;
    private final Ledgers ledgers;
    private final Map<Long, CompletableFuture<?>> deletions = new ConcurrentHashMap<>();

    LedgerMaker(Writer.Settings settings, Manifest manifest, Ledgers ledgers) {
        this.settings = settings;
        this.manifest = manifest;
        this.ledgers = ledgers;
    }

    /**
     * A new ledger.
     *
     * @param degraded whether it has fewer bookies than configured
     */
    record Created(WritableLedger ledger, boolean degraded) {}

    /**
     * Creates a ledger for appends that have sent no entry to bookies yet.
     *
     * @throws RefusedAppendException if there are too few bookies, or this client lacks a permission. Nothing of the
     *     appends was written, because entries are sent only to a ledger that the state lists as open, and the state
     *     lists none now
     */
    Created create(Deadline deadline) throws IOException {
        try {
            return tryToCreate(deadline);
        } catch (TooFewBookiesException | UnusableClusterException e) {
            throw new RefusedAppendException(e);
        }
    }

    /**
     * Creates a ledger. If there are too few bookies for the configured ensemble, creates the ledger on fewer bookies,
     * but at least on an ack quorum. If there are fewer bookies than the ack quorum, tries again until the deadline.
     */
    private Created tryToCreate(Deadline deadline) throws IOException {
        Replication full = settings.replication();
        for (int tries = 0; ; tries++) {
            IOException why;
            try {
                return new Created(createOn(full, deadline), false);
            } catch (LedgerException | LogTimeoutException e) {
                why = e;
            }
            for (int bookies = full.ensemble() - 1; isTooFew(why) && bookies >= full.ackQuorum(); bookies--) {
                try {
                    return new Created(createOn(full.on(Math.min(bookies, full.writeQuorum())), deadline), true);
                } catch (LedgerException | LogTimeoutException e) {
                    why = e;
                }
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw isTooFew(why)
                        ? tooFew(why)
                        : new IOException("no ledger could be created: " + why.getMessage(), why);
            }
        }
    }

    /** Creates a ledger on as many bookies as configured. Tries once; returns null if that fails. */
    @Nullable
    Created createFull(Deadline deadline) throws IOException {
        try {
            return new Created(createOn(settings.replication(), deadline), false);
        } catch (LedgerException | LogTimeoutException | UnusableClusterException e) {
            return null;
        }
    }

    private TooFewBookiesException tooFew(IOException why) {
        Replication full = settings.replication();
        return new TooFewBookiesException(
                settings.logName() + ": a segment needs " + full.ensemble() + " bookies, or at least the ack quorum of "
                        + full.ackQuorum() + ", but for " + settings.timeout() + " there were fewer ("
                        + why.getMessage()
                        + "). Nothing of this append was written, and the log stays usable. Start bookies and append "
                        + "again.",
                why);
    }

    private static boolean isTooFew(IOException e) {
        return e instanceof LedgerException ledger && ledger.kind() == LedgerException.Kind.TOO_FEW_BOOKIES;
    }

    private WritableLedger createOn(Replication replication, Deadline deadline) throws IOException {
        Label label = new Label(manifest.logId(), manifest.state().epoch());
        return deadline.within(settings.oneTry())
                .await(ledgers.create(replication, label), "creating a ledger", this::discard);
    }

    /** Closes and deletes a new ledger that was not added to the state and never will be. */
    void discard(WritableLedger ledger) {
        closeHandle(ledger);
        delete(ledger.ledgerId());
    }

    /**
     * Closes the handle of a ledger by asking it to seal the ledger. Whether the ledger is then sealed does not matter
     * to the caller.
     */
    static void closeHandle(WritableLedger ledger) {
        var unused = ledger.seal();
    }

    /** Begins to delete a ledger. A failure is only logged: the ledger is then left over, see {@link Sweeper}. */
    void delete(long ledgerId) {
        CompletableFuture<?> deletion = ledgers.delete(ledgerId);
        deletions.put(ledgerId, deletion);
        var unused = deletion.whenComplete((ignored, e) -> {
            deletions.remove(ledgerId);
            if (e != null) {
                LOGGER.log(
                        Level.DEBUG,
                        () -> "ledger " + ledgerId + " of " + settings.logName() + " could not be removed",
                        e);
            }
        });
    }

    /** Waits for the deletions that are still running. */
    void awaitDeletions(Deadline deadline) {
        for (CompletableFuture<?> deletion : List.copyOf(deletions.values())) {
            try {
                deadline.within(settings.oneTry()).await(deletion, "removing a ledger");
            } catch (IOException e) {
                LOGGER.log(Level.DEBUG, () -> settings.logName() + " was closed before its ledgers were removed", e);
            }
        }
    }
}
