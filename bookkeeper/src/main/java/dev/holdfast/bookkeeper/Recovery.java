package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import dev.holdfast.wal.CorruptLogException;
import java.io.IOException;
import java.time.Duration;

/**
 * What comes after a log was taken over whose last owner has not closed it: keeps that owner from writing, settles
 * where its ledger ends, cuts a batch that it did not finish, and writes the end down. Idempotent, whoever dies in
 * between.
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
                            + " were acknowledged and trimmed. Bookies have lost entries; nothing was changed but the number"
                            + " of the owner.",
                    "ledger " + open.ledgerId(),
                    whole,
                    open.firstId() + whole,
                    state.firstId() - 1);
        }
        manifest.change(state.recovered(whole, ledger.bytes()), deadline);
        if (whole == 0) {
            reads.forget(open.ledgerId()); // it is in no state any more, and stays for its fence: see Writer
        }
    }

    private long wholeEntries(Segment open, long entries) throws IOException {
        try {
            return BatchEnd.wholeEntries(reads, open, 0, entries, deadline);
        } catch (LedgerException e) {
            manifest.confirm(deadline); // or someone else has taken over, and removed it
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
                    manifest.confirm(deadline); // or someone else has taken over, and removed it
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
                                + ". That needs all but (ack quorum - 1) of the bookies that had each entry. Nothing is lost;"
                                + " open the log again when they are back.",
                        why);
            }
        }
    }
}
