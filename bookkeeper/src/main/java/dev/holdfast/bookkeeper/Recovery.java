package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import dev.holdfast.wal.CorruptLogException;
import java.io.IOException;
import java.time.Duration;

/**
 * Recovers a log that a new owner has taken over and that the last owner did not close. Recovery fences the open
 * ledger, determines its last entry, excludes a batch that was not finished, and stores the end of the ledger in the
 * state. If recovery is interrupted at any point, it can be repeated.
 */
final class Recovery {
    private final Manifest manifest;
    private final Ledgers ledgers;
    private final LedgerReads reads;
    private final Duration oneTry;
    private final Deadline deadline;

    Recovery(Manifest manifest, Ledgers ledgers, LedgerReads reads, Duration oneTry, Deadline deadline) {
        this.manifest = manifest;
        this.ledgers = ledgers;
        this.reads = reads;
        this.oneTry = oneTry;
        this.deadline = deadline;
    }

    void run() throws IOException {
        LogState state = manifest.state();
        if (!state.isOpen()) {
            return;
        }
        Segment open = state.last();
        ReadableLedger ledger = recover(open);
        reads.add(ledger);
        long entries = deadline.await(ledger.confirmedEntries(), "reading the end of ledger " + open.ledgerId());
        long whole = wholeEntries(open, entries);
        if (open.firstId() + whole < state.firstId()) {
            throw new CorruptLogException(
                    "ledger " + open.ledgerId() + " has " + whole + " whole records from " + open.firstId()
                            + " on, but records up to " + (state.firstId() - 1)
                            + " were acknowledged and trimmed. Bookies have lost entries. Nothing was changed except the"
                            + " owner and the epoch of the log.",
                    "ledger " + open.ledgerId(),
                    whole,
                    open.firstId() + whole,
                    state.firstId() - 1);
        }
        manifest.change(state.recovered(whole, ledger.bytes()), deadline);
        if (whole == 0) {
            // the state no longer lists the ledger, but it is kept as a fence: see Owner.settle
            reads.forget(open.ledgerId());
        }
    }

    private long wholeEntries(Segment open, long entries) throws IOException {
        try {
            return BatchEnd.wholeEntries(reads, open, 0, entries, deadline);
        } catch (LedgerException e) {
            manifest.confirm(deadline); // another owner may have taken over and removed the ledger
            throw LedgerReads.lost(open, open.firstId(), open.firstId() + entries - 1, e);
        }
    }

    private ReadableLedger recover(Segment open) throws IOException {
        for (int tries = 0; ; tries++) {
            IOException why;
            try {
                return deadline.within(oneTry)
                        .await(
                                ledgers.recover(open.ledgerId()),
                                "recovering ledger " + open.ledgerId(),
                                ReadableLedger::close);
            } catch (LedgerException e) {
                if (e.kind() == LedgerException.Kind.GONE) {
                    manifest.confirm(deadline); // another owner may have taken over and removed the ledger
                    throw LedgerReads.lost(open, open.firstId(), Long.MAX_VALUE, e);
                }
                why = e;
            } catch (LogTimeoutException e) {
                why = e;
            }
            deadline.pause(tries);
            if (deadline.isOver()) {
                throw new LogTimeoutException(
                        "ledger " + open.ledgerId() + ", the last of the log, could not be recovered: "
                                + why.getMessage()
                                + ". Recovery needs all but (ack quorum - 1) of the bookies of each entry. Nothing is lost."
                                + " Open the log again when these bookies are back.",
                        why);
            }
        }
    }
}
