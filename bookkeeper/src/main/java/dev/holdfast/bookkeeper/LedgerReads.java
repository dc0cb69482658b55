package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import dev.holdfast.wal.CorruptLogException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Reads records from ledgers. Tries again what may pass, up to a bound. */
final class LedgerReads {
    private final OpenLedgers open;
    private final Duration timeout;

    LedgerReads(Ledgers ledgers, Duration timeout) {
        this.open = new OpenLedgers(ledgers);
        this.timeout = timeout;
    }

    /** When a call of a reader that begins now gives up. */
    Deadline deadline() {
        return Deadline.after(timeout);
    }

    /** The ledger that this process writes is read through the handle that writes it. */
    void add(ReadableLedger ledger) {
        open.add(ledger);
    }

    /** A cursor is in this ledger from now on, until {@link #unpin}. */
    void pin(long ledgerId) {
        open.pin(ledgerId);
    }

    void unpin(long ledgerId) {
        open.unpin(ledgerId);
    }

    /** The ledger has been sealed, or is not to be read any more. */
    void forget(long ledgerId) {
        open.forget(ledgerId);
    }

    /** Forgets all ledgers but those of these segments. */
    void retain(List<Segment> segments) {
        open.retain(segments);
    }

    void close() {
        open.close();
    }

    /**
     * Reads the entries of a range of ids that a view shows in a segment.
     *
     * @throws LedgerException of kind {@code GONE} if the ledger does not exist, {@code DAMAGED} if no bookie has an
     *     entry as it was written: whether that is a loss only the log's state tells, which may do without these
     *     records meanwhile, as after a trim
     * @throws CorruptLogException if an entry is another record than its place says
     */
    List<byte[]> read(Segment segment, long firstId, long lastId, Deadline deadline) throws IOException {
        long firstEntry = segment.entryOf(firstId);
        long lastEntry = segment.entryOf(lastId);
        String what = "reading records " + firstId + " to " + lastId + " of ledger " + segment.ledgerId();
        List<byte[]> entries = ask(segment.ledgerId(), ledger -> ledger.read(firstEntry, lastEntry), what, deadline);
        check(entries, segment, firstId, lastId);
        return entries;
    }

    /**
     * How many entries of a ledger are known to be acknowledged.
     *
     * @throws LedgerException as {@link #read}
     */
    long confirmedEntries(long ledgerId, Deadline deadline) throws IOException {
        return ask(ledgerId, ReadableLedger::confirmedEntries, "reading the end of ledger " + ledgerId, deadline);
    }

    private <T> T ask(
            long ledgerId, Function<ReadableLedger, CompletableFuture<T>> question, String what, Deadline deadline)
            throws IOException {
        for (int tries = 0; ; tries++) {
            OpenLedgers.Use use = open.use(ledgerId);
            try {
                return deadline.await(question.apply(deadline.await(use.ledger(), what)), what);
            } catch (LedgerException e) {
                forget(ledgerId);
                if (e.kind() == LedgerException.Kind.GONE || e.kind() == LedgerException.Kind.DAMAGED) {
                    throw e;
                }
                deadline.pause(tries);
                if (deadline.isOver()) {
                    throw new LogTimeoutException(
                            what + " failed for " + timeout + ": " + e.getMessage()
                                    + ". The records are not lost as long as one bookie that has them comes back.",
                            e);
                }
            } catch (LogTimeoutException e) {
                forget(ledgerId); // an opening that is never answered must not be what the next one waits for
                throw e;
            } finally {
                open.release(use);
            }
        }
    }

    /** What it is if a ledger lacks records that the state of the log, as it was read after that, counts on. */
    static CorruptLogException lost(Segment segment, long firstId, long lastId, LedgerException why) {
        String ledger = "ledger " + segment.ledgerId();
        if (why.kind() == LedgerException.Kind.GONE) {
            return new CorruptLogException(
                    ledger + ", which holds records from " + segment.firstId() + " on, does not exist ("
                            + why.getMessage()
                            + "), and nothing has removed these records. Somebody deleted the ledger; trim or truncate to do"
                            + " without.",
                    ledger,
                    0,
                    segment.firstId(),
                    segment.lastId().orElse(Long.MAX_VALUE));
        }
        return new CorruptLogException(
                ledger + ": no bookie has records from " + firstId
                        + (lastId == Long.MAX_VALUE ? " on" : " to " + lastId)
                        + " as they were written (" + why.getMessage()
                        + "). Nothing was skipped. Bring back a bookie that has them, or trim or truncate to do without.",
                ledger,
                segment.entryOf(firstId),
                firstId,
                lastId);
    }

    private static void check(List<byte[]> entries, Segment segment, long firstId, long lastId)
            throws CorruptLogException {
        if (entries.size() != lastId - firstId + 1) {
            throw new AssertionError("asked for " + firstId + " to " + lastId + ", got " + entries.size() + " entries");
        }
        for (int i = 0; i < entries.size(); i++) {
            long id = firstId + i;
            Entry.check(entries.get(i), segment, id);
        }
    }
}
