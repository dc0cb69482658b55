package dev.holdfast.bookkeeper;

import static java.util.stream.Collectors.toSet;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.bookkeeper.Ledgers.Listing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Removes the ledgers of a log that are not part of it.
 *
 * <p>It goes through the ledgers of the cluster in steps. A step lists some, then reads their labels, and then the
 * state. A ledger that carries an earlier epoch than that state, and is not in it, can never be entered: the owner of
 * that epoch has lost every compare-and-set since the later epoch was written. One of the present epoch may be about to
 * be entered, and is left for the time after the next opening.
 *
 * <p>Some of these ledgers were open when their owner was replaced, and stay only for their fence (see
 * {@code Writer.settle}). Nothing in the cluster tells whether that owner has ended. So that is for the caller to know.
 */
final class Sweeper {
    private final Metadata metadata;
    private final Ledgers ledgers;
    private final Duration timeout;

    /**
     * Removes ledgers.
     *
     * @param timeout of each question to the cluster
     */
    Sweeper(Metadata metadata, Ledgers ledgers, Duration timeout) {
        this.metadata = metadata;
        this.ledgers = ledgers;
        this.timeout = timeout;
    }

    /**
     * Removes them.
     *
     * @param fromLedgerId no ledger with a smaller number is looked at
     * @param goOn hears of each step, and says whether another one shall follow
     */
    LeftOverProgress sweep(String logName, long fromLedgerId, Predicate<LeftOverProgress> goOn) throws IOException {
        Node node = new Node(metadata, logName, ledgers.clusterId());
        var unused = node.read(Deadline.after(timeout)); // before anything else, whether there is such a log
        return sweep(metadata.id(logName), fromLedgerId, goOn, labels -> {
            LogState state = node.read(Deadline.after(timeout)).state();
            Set<Long> used = state.segments().stream().map(Segment::ledgerId).collect(toSet());
            labels.entrySet()
                    .removeIf(ledger -> ledger.getValue().epoch() >= state.epoch() || used.contains(ledger.getKey()));
        });
    }

    /** Removes every ledger of a log whose owner has an epoch, that of the call. */
    void removeAll(String logName, long epoch) throws IOException {
        var unused = sweep(
                metadata.id(logName),
                0,
                progress -> true,
                labels -> labels.values().removeIf(label -> label.epoch() > epoch));
    }

    /** Takes those of the log's ledgers away that have to stay. */
    private interface Choice {
        void keep(Map<Long, Label> ledgersOfTheLog) throws IOException;
    }

    private LeftOverProgress sweep(String logId, long fromLedgerId, Predicate<LeftOverProgress> goOn, Choice choice)
            throws IOException {
        LeftOverProgress progress = new LeftOverProgress(0, 0, fromLedgerId, false);
        Listing listing = ledgers.list();
        try {
            while (true) {
                List<Long> listed = Deadline.after(timeout).await(listing.next(), "listing ledgers");
                List<Long> step =
                        listed.stream().filter(id -> id >= fromLedgerId).toList();
                int removed = step.isEmpty() ? 0 : remove(step, logId, choice);
                progress = new LeftOverProgress(
                        progress.lookedAt() + step.size(),
                        progress.removed() + removed,
                        step.isEmpty() ? progress.nextLedgerId() : step.get(step.size() - 1) + 1,
                        listed.isEmpty());
                if (progress.finished() || (!step.isEmpty() && !goOn.test(progress))) {
                    return progress;
                }
            }
        } finally {
            listing.close();
        }
    }

    private int remove(List<Long> ledgerIds, String logId, Choice choice) throws IOException {
        List<Optional<Label>> labels = Parallel.ask(ledgerIds, ledgers::label, timeout, "reading the label of ledger");
        Map<Long, Label> ours = new TreeMap<>();
        for (int i = 0; i < labels.size(); i++) {
            Optional<Label> label = labels.get(i);
            if (label.isPresent() && label.get().logId().equals(logId)) {
                ours.put(ledgerIds.get(i), label.get());
            }
        }
        if (!ours.isEmpty()) {
            choice.keep(ours);
            var unused = Parallel.ask(List.copyOf(ours.keySet()), ledgers::delete, timeout, "removing ledger");
        }
        return ours.size();
    }
}
