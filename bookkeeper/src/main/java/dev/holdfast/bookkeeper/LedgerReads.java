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

/** Reads records from ledgers, which stay open until the log has no use for them. Tries again what may pass, up to a bound. */
final class LedgerReads {
    private final Ledgers ledgers;
    private final Duration timeout;
    private final ConcurrentHashMap<Long, CompletableFuture<ReadableLedger>> open = new ConcurrentHashMap<>();

    LedgerReads(Ledgers ledgers, Duration timeout) {
        this.ledgers = ledgers;
        this.timeout = timeout;
    }

    /** The ledger that this process writes is read through the handle that writes it. */
    void add(ReadableLedger ledger) {
        open.put(ledger.ledgerId(), CompletableFuture.completedFuture(ledger));
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
        retain(List.of());
    }

    /**
     * Reads the entries of a range of ids that a view shows in a segment.
     *
     * @throws LedgerException of kind {@code GONE} if the ledger has been removed, as after a trim
     * @throws CorruptLogException if no bookie has an entry as it was written
     */
    List<byte[]> read(Segment segment, long firstId, long lastId) throws IOException {
        return read(segment, firstId, lastId, Deadline.after(timeout));
    }

    /** As {@link #read(Segment, long, long)}, within a bound. */
    List<byte[]> read(Segment segment, long firstId, long lastId, Deadline deadline) throws IOException {
        long firstEntry = segment.entryOf(firstId);
        long lastEntry = segment.entryOf(lastId);
        String what = "reading records " + firstId + " to " + lastId + " of ledger " + segment.ledgerId();
        for (int tries = 0; ; tries++) {
            try {
                ReadableLedger ledger = deadline.await(ledger(segment.ledgerId()), what);
                List<byte[]> entries = deadline.await(ledger.read(firstEntry, lastEntry), what);
                check(entries, segment, firstId, lastId);
                return entries;
            } catch (LedgerException e) {
                forget(segment.ledgerId());
                stopUnlessItMayPass(e, segment, firstId, lastId);
                deadline.pause(tries);
                if (deadline.isOver()) {
                    throw new IOException(
                            what + " failed for " + timeout + ": " + e.getMessage()
                                    + ". The records are not lost as long as one bookie that has them comes back.",
                            e);
                }
            } catch (Deadline.TimeIsUpException e) {
                forget(segment.ledgerId());
                throw e;
            }
        }
    }

    private static void stopUnlessItMayPass(LedgerException e, Segment segment, long firstId, long lastId)
            throws IOException {
        if (e.kind() == LedgerException.Kind.GONE) {
            throw e;
        }
        if (e.kind() == LedgerException.Kind.DAMAGED) {
            throw new CorruptLogException(
                    "ledger " + segment.ledgerId() + ": no bookie has records " + firstId + " to " + lastId
                            + " as they were written (" + e.getMessage()
                            + "). Nothing was skipped. Bring back a bookie that"
                            + " has them, or trim or truncate to do without.",
                    "ledger " + segment.ledgerId(),
                    segment.entryOf(firstId),
                    firstId,
                    lastId);
        }
    }

    /** A ledger is gone although the log counts on it. */
    static CorruptLogException missing(Segment segment, LedgerException gone) {
        return new CorruptLogException(
                "ledger " + segment.ledgerId() + ", which holds records from " + segment.firstId()
                        + " on, does not exist (" + gone.getMessage()
                        + "), and nothing has removed these records. Somebody deleted the ledger; trim or truncate to do"
                        + " without.",
                "ledger " + segment.ledgerId(),
                0,
                segment.firstId(),
                segment.lastId().orElse(Long.MAX_VALUE));
    }

    private static void check(List<byte[]> entries, Segment segment, long firstId, long lastId)
            throws CorruptLogException {
        if (entries.size() != lastId - firstId + 1) {
            throw new AssertionError("asked for " + firstId + " to " + lastId + ", got " + entries.size() + " entries");
        }
        for (int i = 0; i < entries.size(); i++) {
            long id = firstId + i;
            Entry.check(entries.get(i), segment.ledgerId(), segment.entryOf(id), id);
        }
    }

    /** The ledger, opened if need be. */
    CompletableFuture<ReadableLedger> ledger(long ledgerId) {
        return open.computeIfAbsent(ledgerId, ledgers::open);
    }
}
