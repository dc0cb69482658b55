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
 * The ledgers of a log that are open for reading. A ledger stays open while it is being read, and while a cursor is in
 * it. The ledger that this process writes stays open until it is sealed. Of all other ledgers, the few that were read
 * last stay open for the next read. A scan of a log with ten thousand ledgers therefore has only a few of them open.
 * Thread-safe.
 */
final class OpenLedgers {
    /** Number of ledgers that stay open although nobody reads them. */
    static final int IDLE = 4;

    private final Ledgers ledgers;

    // Guarded by this. The least recently used ledger comes first.
    private final LinkedHashMap<Long, Use> open = new LinkedHashMap<>();
    private final Map<Long, Integer> pinned = new HashMap<>();
    private boolean closed;

    OpenLedgers(Ledgers ledgers) {
        this.ledgers = ledgers;
    }

    /** A ledger that is open or being opened, with its number of readers. */
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

    /** Adds the ledger that this process writes. It is read through the handle that writes it. */
    synchronized void add(ReadableLedger ledger) {
        open.put(ledger.ledgerId(), new Use(ledger.ledgerId(), CompletableFuture.completedFuture(ledger), true));
    }

    /** Opens a ledger, unless it is open already. The caller must call {@link #release} afterwards. */
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

    /** Closes a ledger that was sealed, is not to be read any more, or must be opened again. */
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

    /** Closes all ledgers except those of these segments. */
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
