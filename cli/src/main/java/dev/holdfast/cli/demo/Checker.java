package dev.holdfast.cli.demo;

import dev.holdfast.cli.demo.Verdict.Broken;
import dev.holdfast.cli.demo.Verdict.Kept;
import dev.holdfast.cli.demo.Verdict.Placed;
import dev.holdfast.wal.LogRecord;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides whether a log that was recovered after a kill is correct. Does no I/O.
 *
 * <p>The log is correct if and only if
 *
 * <ol>
 *   <li>its records have the ids 1, 2, 3, ... and form whole batches, byte for byte ({@link BatchReader});
 *   <li>it begins with exactly the batches that it held after the previous round;
 *   <li>every other batch was started in this round, and no batch occurs twice;
 *   <li>every acknowledged batch is in the log, at the acknowledged ids;
 *   <li>no batch B precedes a batch A in the log if A was acknowledged before B was started.
 * </ol>
 */
final class Checker {
    private final List<Placed> shownBefore;
    private final List<Event> history;
    private final List<Placed> found;
    private final Map<Batch, Placed> foundByBatch = new HashMap<>();

    private Checker(List<Placed> shownBefore, List<Event> history, List<Placed> found) {
        this.shownBefore = shownBefore;
        this.history = history;
        this.found = found;
    }

    /**
     * Judges a recovered log.
     *
     * @param shownBefore the batches that the log held after the previous round
     * @param history the events of the writer in this round, in order
     * @param recovered all records of the log
     */
    static Verdict check(
            BatchContent content, List<Placed> shownBefore, List<Event> history, Iterator<LogRecord> recovered) {
        BatchReader reader = new BatchReader(content);
        Optional<String> broken = reader.read(recovered);
        Checker checker = new Checker(shownBefore, history, reader.batches());
        // Check for losses first: if records are missing, most of the later checks fail as well.
        return broken.or(checker::misplacedFromBefore)
                .or(checker::neverStartedOrDoubled)
                .or(checker::lostOrMoved)
                .or(checker::outOfOrder)
                .<Verdict>map(Broken::new)
                .orElseGet(() -> new Kept(List.copyOf(checker.found)));
    }

    private Optional<String> misplacedFromBefore() {
        for (int i = 0; i < shownBefore.size(); i++) {
            Placed before = shownBefore.get(i);
            if (i >= found.size()) {
                return Optional.of("lost: " + before.batch() + " was found at record " + before.firstId()
                        + " after an earlier round, and the log now ends before it");
            }
            if (!found.get(i).equals(before)) {
                return Optional.of("reordered: after an earlier round record " + before.firstId() + " was the first of "
                        + before.batch() + ", now record " + found.get(i).firstId() + " is of "
                        + found.get(i).batch());
            }
        }
        return Optional.empty();
    }

    private Optional<String> neverStartedOrDoubled() {
        Map<Batch, Event> started = new HashMap<>();
        history.forEach(event -> started.put(event.batch(), event));
        for (int i = 0; i < found.size(); i++) {
            Placed placed = found.get(i);
            Placed earlier = foundByBatch.putIfAbsent(placed.batch(), placed);
            if (earlier != null) {
                return Optional.of("duplicated: " + placed.batch() + " is at record " + earlier.firstId()
                        + " and again at record " + placed.firstId());
            }
            if (i >= shownBefore.size() && !started.containsKey(placed.batch())) {
                return Optional.of("invented: record " + placed.firstId() + " is of " + placed.batch()
                        + ", which was not appended");
            }
        }
        return Optional.empty();
    }

    private Optional<String> lostOrMoved() {
        for (Event.Acknowledged ack : Event.acknowledgements(history)) {
            Placed placed = foundByBatch.get(ack.batch());
            if (placed == null) {
                return Optional.of("lost: " + ack.batch() + " was acknowledged as record " + ack.firstId()
                        + " and is not in the log");
            }
            if (placed.firstId() != ack.firstId()) {
                return Optional.of("reordered: " + ack.batch() + " was acknowledged as record " + ack.firstId()
                        + " and is found at record " + placed.firstId());
            }
        }
        return Optional.empty();
    }

    /**
     * Finds a batch B that precedes a batch A in the log although A was acknowledged before B was started. Visits the
     * round's batches from the last to the first, and keeps the earliest acknowledgement of the batches visited.
     */
    private Optional<String> outOfOrder() {
        Map<Batch, Integer> startedAt = new HashMap<>();
        Map<Batch, Integer> acknowledgedAt = new HashMap<>();
        for (int i = 0; i < history.size(); i++) {
            Event event = history.get(i);
            (event instanceof Event.Started ? startedAt : acknowledgedAt).put(event.batch(), i);
        }
        int earliest = Integer.MAX_VALUE;
        for (int i = found.size() - 1; i >= shownBefore.size(); i--) {
            Batch batch = found.get(i).batch();
            if (startedAt.getOrDefault(batch, 0) > earliest) {
                return Optional.of(
                        "reordered: " + batch + " precedes a batch that was acknowledged before it was started: "
                                + history.get(earliest).batch());
            }
            earliest = Math.min(earliest, acknowledgedAt.getOrDefault(batch, Integer.MAX_VALUE));
        }
        return Optional.empty();
    }
}
