package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The ledgers of a log that are open for reading. A ledger stays open while it is being read, and while a cursor is
 * positioned in it. The ledger that this process writes stays open until it is sealed. Of all other ledgers, only the
 * few that were read last stay open, so even a scan of ten thousand ledgers has only a few ledgers open. Thread-safe.
 */
final class OpenLedgers {
    /** Maximum number of ledgers that are kept open while nobody reads them. */
    static final int IDLE = 4;

    private final Ledgers ledgers;

    // Guarded by this. The least recently used ledger comes first.
    private final LinkedHashMap<Long, Use> open = new LinkedHashMap<>();
    private final Map<Long, Integer> pinned = new HashMap<>();
    private boolean closed;

    OpenLedgers(Ledgers ledgers) {
        this.ledgers = ledgers;
    }

    /** A ledger that is open or being opened, with the number of its current readers. */
    static final class Use {
        private final long ledgerId;
        private final CompletableFuture<ReadableLedger> opening;
        private final boolean written;
        private int readers;

        private Use(long ledgerId, CompletableFuture<ReadableLedger> opening, boolean written) {
            this.ledgerId = ledgerId;
            this.opening = opening;
            this.written = written;
        }

        CompletableFuture<ReadableLedger> ledger() {
            return opening;
        }
    }

    /** Adds the ledger that this process writes. Readers in this process use the writer's handle of the ledger. */
    synchronized void add(ReadableLedger ledger) {
        open.put(ledger.ledgerId(), new Use(ledger.ledgerId(), CompletableFuture.completedFuture(ledger), true));
    }

    /**
     * Adds a reader to a ledger, which is opened if it is not open yet. The caller must call {@link #release} when it
     * has read.
     */
    synchronized Use use(long ledgerId) {
        if (closed) {
            throw new IllegalStateException("the log is closed; ledger " + ledgerId + " cannot be opened");
        }
        Use use = open.get(ledgerId);
        if (use == null) {
            use = new Use(ledgerId, ledgers.open(ledgerId), false);
            open.put(ledgerId, use);
        }
        use.readers++;
        return use;
    }

    synchronized void release(Use use) {
        use.readers--;
        if (open.remove(use.ledgerId, use)) {
            open.put(use.ledgerId, use); // moves the ledger to the end
            closeIdle();
        }
    }

    /** Keeps a ledger open for a cursor. The cursor must call {@link #unpin} afterwards. */
    synchronized void pin(long ledgerId) {
        pinned.merge(ledgerId, 1, Integer::sum);
    }

    synchronized void unpin(long ledgerId) {
        pinned.computeIfPresent(ledgerId, (id, cursors) -> cursors == 1 ? null : cursors - 1);
        closeIdle();
    }

    private void closeIdle() {
        List<Use> idle = new ArrayList<>();
        for (Use use : open.values()) {
            if (use.readers == 0 && !use.written && !pinned.containsKey(use.ledgerId)) {
                idle.add(use);
            }
        }
        for (Use use : idle.subList(0, Math.max(0, idle.size() - IDLE))) {
            forget(use.ledgerId);
        }
    }

    /**
     * Closes a ledger, for example because it was sealed or its handle failed. The next {@link #use} opens it again.
     */
    synchronized void forget(long ledgerId) {
        Use use = open.remove(ledgerId);
        if (use != null) {
            var unused = use.opening.whenComplete((opened, failed) -> {
                if (opened != null) {
                    opened.close();
                }
            });
        }
    }

    /** Closes all ledgers that do not belong to one of these segments. */
    synchronized void retain(List<Segment> segments) {
        Set<Long> kept = new HashSet<>();
        segments.forEach(segment -> kept.add(segment.ledgerId()));
        for (Long ledgerId : List.copyOf(open.keySet())) {
            if (!kept.contains(ledgerId)) {
                forget(ledgerId);
            }
        }
    }

    synchronized void close() {
        closed = true;
        retain(List.of());
    }
}
