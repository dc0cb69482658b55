package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Deletes a log in five steps: takes the log over, fences its last ledger, marks the log as being deleted, removes its
 * ledgers, and removes its node. The log's node in the metadata store lists the ledgers, so it is removed last: another
 * call can then finish an interrupted deletion.
 */
final class Deletion {
    private final Metadata metadata;
    private final Ledgers ledgers;
    private final Duration timeout;

    /**
     * Creates a deletion.
     *
     * @param timeout timeout of each request to the cluster
     */
    Deletion(Metadata metadata, Ledgers ledgers, Duration timeout) {
        this.metadata = metadata;
        this.ledgers = ledgers;
        this.timeout = timeout;
    }

    /** Deletes a log. Returns whether there was such a log. */
    boolean delete(String logName, Random random) throws IOException {
        Optional<Manifest> taken =
                Manifest.takeOverToDelete(metadata, ledgers, logName, random, Deadline.after(timeout));
        if (taken.isEmpty()) {
            return false;
        }
        Manifest manifest = taken.get();
        if (manifest.state().isOpen()) {
            fence(manifest.state().last().ledgerId());
        }
        if (!manifest.state().deleting()) {
            manifest.change(manifest.state().beingDeleted(), Deadline.after(timeout));
        }
        List<Long> all =
                manifest.state().segments().stream().map(Segment::ledgerId).toList();
        var unused = Parallel.ask(all, ledgers::delete, timeout, "removing ledger");
        new Sweeper(metadata, ledgers, timeout)
                .removeAll(logName, manifest.state().epoch());
        manifest.delete(Deadline.after(timeout));
        return true;
    }

    /**
     * Fences the log's open ledger, so that bookies acknowledge nothing more to an earlier owner that still writes to
     * it. The fence lasts as long as the bookies have the ledger.
     */
    private void fence(long openLedgerId) throws IOException {
        var unused = Parallel.ask(List.of(openLedgerId), this::fenced, timeout, "fencing ledger");
    }

    /**
     * Fences a ledger. The future completes with true when the ledger is fenced, and with false if it does not exist.
     */
    private CompletableFuture<Boolean> fenced(long ledgerId) {
        CompletableFuture<Boolean> fenced = new CompletableFuture<>();
        var unused = ledgers.recover(ledgerId).whenComplete((ledger, e) -> {
            Throwable why = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
            if (why == null) {
                ledger.close();
                fenced.complete(true);
            } else if (why instanceof LedgerException lacking && lacking.kind() == LedgerException.Kind.GONE) {
                fenced.complete(false);
            } else {
                fenced.completeExceptionally(why);
            }
        });
        return fenced;
    }
}
