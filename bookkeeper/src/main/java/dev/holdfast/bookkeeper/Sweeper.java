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
 * Removes leftover ledgers: those that carry a log's label but are not listed in the log's state.
 *
 * <p>A sweep covers all ledgers of the cluster in steps. Each step lists some ledgers, then reads their labels, then
 * reads the log's state. A ledger is removed if its epoch is below the state's epoch and the state does not list it.
 * Such a ledger cannot be added to the log any more: since the later epoch was written, every compare-and-set by the
 * ledger's owner fails. A ledger of the current epoch may be about to be added, so it stays until the log has been
 * opened again.
 *
 * <p>Some leftover ledgers were open when their owner was replaced, and were kept only because their fence stops that
 * owner (see {@code Owner.settle}). The cluster does not record whether that owner's process has ended, so the caller
 * must know this before it starts a sweep.
 */
final class Sweeper {
    private final Metadata metadata;
    private final Ledgers ledgers;
    private final Duration timeout;

    /**
     * Creates a sweeper.
     *
     * @param timeout timeout of each request to the cluster
     */
    Sweeper(Metadata metadata, Ledgers ledgers, Duration timeout) {
        this.metadata = metadata;
        this.ledgers = ledgers;
        this.timeout = timeout;
    }

    /**
     * Removes the leftover ledgers of a log.
     *
     * @param fromLedgerId smallest ledger number to examine
     * @param goOn receives the progress after each step, and returns whether to continue
     */
    LeftOverProgress sweep(String logName, long fromLedgerId, Predicate<LeftOverProgress> goOn) throws IOException {
        Node node = new Node(metadata, logName, ledgers.clusterId());
        var unused = node.read(Deadline.after(timeout)); // first of all, because it throws if there is no such log
        return sweep(metadata.id(logName), fromLedgerId, goOn, labels -> {
            LogState state = node.read(Deadline.after(timeout)).state();
            Set<Long> used = state.segments().stream().map(Segment::ledgerId).collect(toSet());
            labels.entrySet()
                    .removeIf(ledger -> ledger.getValue().epoch() >= state.epoch() || used.contains(ledger.getKey()));
        });
    }

    /**
     * Removes every ledger of a log that is being deleted. Keeps only ledgers with an epoch above {@code epoch}, the
     * epoch of the deletion.
     */
    void removeAll(String logName, long epoch) throws IOException {
        var unused = sweep(
                metadata.id(logName),
                0,
                progress -> true,
                labels -> labels.values().removeIf(label -> label.epoch() > epoch));
    }

    /** Selects which ledgers of a log stay. */
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
