package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import dev.holdfast.wal.CorruptLogException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Reads records from ledgers. A read that fails for a temporary reason is repeated until its deadline. */
final class LedgerReads {
    private final OpenLedgers open;
    private final Duration timeout;

    LedgerReads(Ledgers ledgers, Duration timeout) {
        this.open = new OpenLedgers(ledgers);
        this.timeout = timeout;
    }

    /** Returns the deadline for a call of a reader that begins now. */
    Deadline deadline() {
        return Deadline.after(timeout);
    }

    /** Adds the ledger that this process writes. Readers in this process use the writer's handle of the ledger. */
    void add(ReadableLedger ledger) {
        open.add(ledger);
    }

    /** Keeps a ledger open for a cursor that reads it, until {@link #unpin}. */
    void pin(long ledgerId) {
        open.pin(ledgerId);
    }

    void unpin(long ledgerId) {
        open.unpin(ledgerId);
    }

    /** Closes a ledger. If it is read again, it is opened again. */
    void forget(long ledgerId) {
        open.forget(ledgerId);
    }

    /** Closes all ledgers except those of these segments. */
    void retain(List<Segment> segments) {
        open.retain(segments);
    }

    void close() {
        open.close();
    }

    /**
     * Reads the records from {@code firstId} to {@code lastId}. A view that was published must list these records in
     * this segment.
     *
     * @throws LedgerException of kind {@code GONE} if the ledger does not exist; of kind {@code DAMAGED} if no bookie
     *     has an entry as it was written. Neither failure proves that records are lost: they may have been removed
     *     since the view was published, for example by a trim. The caller must check the log's current state
     * @throws CorruptLogException if an entry is not the record that belongs at its position
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
     * Returns the number of entries of a ledger that are known to be acknowledged.
     *
     * @throws LedgerException under the same conditions as {@link #read}
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
                                    + ". The records are not lost if at least one bookie that stores them comes back.",
                            e);
                }
            } catch (LogTimeoutException e) {
                forget(ledgerId); // a later read must not wait for an open request that is never answered
                throw e;
            } finally {
                open.release(use);
            }
        }
    }

    /**
     * Returns the exception for lost records. The caller must have read the log's state after the ledger lacked the
     * records, and the state must still list them.
     */
    static CorruptLogException lost(Segment segment, long firstId, long lastId, LedgerException why) {
        String ledger = "ledger " + segment.ledgerId();
        if (why.kind() == LedgerException.Kind.GONE) {
            return new CorruptLogException(
                    ledger + ", which holds the records from " + segment.firstId() + " on, does not exist ("
                            + why.getMessage()
                            + "), although the log has not removed these records. Someone deleted the ledger. To give up its"
                            + " records, trim or truncate the log.",
                    ledger,
                    0,
                    segment.firstId(),
                    segment.lastId().orElse(Long.MAX_VALUE));
        }
        return new CorruptLogException(
                ledger + ": no bookie has the records from " + firstId
                        + (lastId == Long.MAX_VALUE ? " on" : " to " + lastId)
                        + " as they were written (" + why.getMessage()
                        + "). No record was skipped. Bring back a bookie that stores these records, or trim or truncate the"
                        + " log to give them up.",
                ledger,
                segment.entryOf(firstId),
                firstId,
                lastId);
    }

    private static void check(List<byte[]> entries, Segment segment, long firstId, long lastId)
            throws CorruptLogException {
        if (entries.size() != lastId - firstId + 1) {
            throw new AssertionError(
                    "requested records " + firstId + " to " + lastId + ", received " + entries.size() + " entries");
        }
        for (int i = 0; i < entries.size(); i++) {
            long id = firstId + i;
            Entry.check(entries.get(i), segment, id);
        }
    }
}
