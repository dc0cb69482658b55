package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.Labelled;
import dev.holdfast.bookkeeper.Metadata.Versioned;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Removes the ledgers of a log that are not part of it.
 *
 * <p>The ledgers are listed first and the state is read afterwards. A ledger that carries an earlier epoch than that state, and is not in it, can never be
 * entered: the owner of that epoch has lost every compare-and-set since the later epoch was written. One of the present epoch may be
 * about to be entered, and is left for the time after the next opening.
 *
 * <p>Some of these ledgers were open when their owner was replaced, and stay only for their fence (see {@code Writer.settle}). Nothing in the cluster tells
 * whether that owner has ended. So that is for the caller to know.
 */
final class Sweeper {
    private final Metadata metadata;
    private final Ledgers ledgers;
    private final Duration timeout;

    Sweeper(Metadata metadata, Ledgers ledgers, Duration timeout) {
        this.metadata = metadata;
        this.ledgers = ledgers;
        this.timeout = timeout;
    }

    /** Removes them, and says how many there were. */
    int sweep(String logName) throws IOException {
        List<Labelled> all = Deadline.after(timeout).await(ledgers.list(), "listing ledgers");
        Optional<Versioned> found =
                Deadline.after(timeout).await(metadata.read(logName), "reading " + metadata.where(logName));
        if (found.isEmpty()) {
            throw new NoSuchFileException(metadata.where(logName), null, "there is no such log");
        }
        LogState state = StateCodec.decode(found.get().state(), metadata.where(logName));
        Set<Long> used = state.segments().stream().map(Segment::ledgerId).collect(Collectors.toSet());
        int removed = 0;
        for (Labelled ledger : all) {
            if (ledger.label().logId().equals(metadata.id(logName))
                    && ledger.label().epoch() < state.epoch()
                    && !used.contains(ledger.ledgerId())) {
                Deadline.after(timeout)
                        .await(ledgers.delete(ledger.ledgerId()), "removing ledger " + ledger.ledgerId());
                removed++;
            }
        }
        return removed;
    }
}
