package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import dev.holdfast.wal.CorruptLogException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Reads records from ledgers, which stay open until the log has no use for them. Tries again what may pass, up to a bound. */
final class LedgerReads {
    private final Ledgers ledgers;
    private final Duration timeout;
    private final ConcurrentHashMap<Long, CompletableFuture<ReadableLedger>> open = new ConcurrentHashMap<>();
    private volatile boolean closed;

    LedgerReads(Ledgers ledgers, Duration timeout) {
        this.ledgers = ledgers;
        this.timeout = timeout;
    }

    /** The ledger that this process writes is read through the handle that writes it. */
    void add(ReadableLedger ledger) {
        open.put(ledger.ledgerId(), CompletableFuture.completedFuture(ledger));
    }

    /** When a call of a reader that begins now gives up. */
    Deadline deadline() {
        return Deadline.after(timeout);
    }

    /** The ledger has been sealed, or is not to be read any more. */
    void forget(long ledgerId) {
        CompletableFuture<ReadableLedger> ledger = open.remove(ledgerId);
        if (ledger != null) {
            var unused = ledger.whenComplete((opened, failed) -> {
                if (opened != null) {
                    opened.close();
                }
            });
        }
    }

    /** Forgets all ledgers but those of these segments. */
    void retain(List<Segment> segments) {
        Set<Long> kept = new HashSet<>();
        segments.forEach(segment -> kept.add(segment.ledgerId()));
        for (Long ledgerId : open.keySet()) {
            if (!kept.contains(ledgerId)) {
                forget(ledgerId);
            }
        }
    }

    void close() {
        closed = true;
        retain(List.of());
    }

    /**
     * Reads the entries of a range of ids that a view shows in a segment.
     *
     * @throws LedgerException of kind {@code GONE} if the ledger does not exist, {@code DAMAGED} if no bookie has an entry as it was written: whether that is a
     *     loss only the log's state tells, which may do without these records meanwhile, as after a trim
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
            try {
                return deadline.await(question.apply(deadline.await(ledger(ledgerId), what)), what);
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

    /** The ledger, opened if need be. */
    private CompletableFuture<ReadableLedger> ledger(long ledgerId) {
        CompletableFuture<ReadableLedger> ledger = open.computeIfAbsent(ledgerId, ledgers::open);
        if (closed) {
            forget(ledgerId); // close() may have come before it was there
        }
        return ledger;
    }
}
