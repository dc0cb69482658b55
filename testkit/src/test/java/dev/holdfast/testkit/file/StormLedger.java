package dev.holdfast.testkit.file;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Records what the threads of a {@link StormProcess} have printed, and checks the log after the process was killed.
 * Every record has a unique mark. The moments of all lines are totally ordered.
 */
final class StormLedger {
    /** A batch: when it was requested, and when and at which id it was acknowledged, if at all. */
    private static final class Batch {
        private final long mark;
        private final int records;
        private final long begun;
        private long done = Long.MAX_VALUE;
        private long id = -1;

        private Batch(long mark, int records, long begun) {
            this.mark = mark;
            this.records = records;
            this.begun = begun;
        }
    }

    /** A removal of a range of ids. */
    private static final class Removal {
        private final long firstId;
        private final long lastId;
        private final long begun;
        private long done = Long.MAX_VALUE;

        private Removal(long firstId, long lastId, long begun) {
            this.firstId = firstId;
            this.lastId = lastId;
            this.begun = begun;
        }

        private boolean concerns(long id) {
            return id >= firstId && id <= lastId;
        }
    }

    private final TreeMap<Long, Batch> batches = new TreeMap<>();
    private final Map<Long, Removal> removals = new HashMap<>();
    private final Set<Long> gone = new HashSet<>();
    private long now;
    private long acknowledged;

    /** Processes one line of the process. A line is one small write to a pipe, so a kill never splits a line. */
    void hear(String word) {
        now++;
        String[] parts = word.split(" ");
        check(!parts[0].equals("failed"), "unexpected line of the process: " + word);
        long mark = Long.parseLong(parts[1]);
        switch (parts[0]) {
            case "append" -> batches.put(mark, new Batch(mark, Integer.parseInt(parts[2]), now));
            case "appended" -> {
                Batch batch = batches.get(mark);
                batch.id = Long.parseLong(parts[2]);
                batch.done = now;
                acknowledged += batch.records;
            }
            case "truncate" -> removals.put(mark, new Removal(Long.parseLong(parts[2]) + 1, Long.MAX_VALUE, now));
            case "trim" -> removals.put(mark, new Removal(0, Long.parseLong(parts[2]), now));
            case "removed" -> removals.get(mark).done = now;
            default -> throw new AssertionError("unexpected line of the process: " + word);
        }
    }

    /** Returns the number of acknowledged records. */
    long acknowledged() {
        return acknowledged;
    }

    /**
     * Checks the records found after a kill. They are the starting point for the next round.
     *
     * @param found the marks of the records; the first record has id {@code firstId}
     */
    void settle(long firstId, List<Long> found) {
        Map<Long, Long> idOf = new HashMap<>();
        for (int i = 0; i < found.size(); i++) {
            check(idOf.put(found.get(i), firstId + i) == null, "mark " + found.get(i) + " is present twice");
            check(!gone.contains(found.get(i)), "mark " + found.get(i) + " was absent after an earlier kill");
            Map.Entry<Long, Batch> batch = batches.floorEntry(found.get(i));
            check(
                    batch != null && found.get(i) < batch.getKey() + batch.getValue().records,
                    "mark " + found.get(i) + " was never appended");
        }
        batches.values().forEach(batch -> check(batch, idOf));
        begin(firstId, found);
    }

    private void check(Batch batch, Map<Long, Long> idOf) {
        long first = -1;
        List<Long> missing = new ArrayList<>();
        for (int i = 0; i < batch.records; i++) {
            Long id = idOf.get(batch.mark + i);
            if (id == null) {
                missing.add(batch.id < 0 ? -1 : batch.id + i);
            } else {
                check(first < 0 || id - i == first, "batch " + batch.mark + " is not in order");
                check(
                        batch.id < 0 || id == batch.id + i,
                        "mark " + (batch.mark + i) + " has another id than acknowledged");
                check(
                        !isCertainlyRemoved(batch, id),
                        "record " + id + ", mark " + (batch.mark + i) + ", is present after its removal");
                first = id - i;
            }
        }
        for (long id : missing) {
            check(
                    id < 0 || mayBeRemoved(batch, id),
                    "record " + id + " of batch " + batch.mark + " was acknowledged but is missing");
        }
        boolean whole = missing.isEmpty() || missing.size() == batch.records;
        check(whole || mayBeCut(batch, first), "batch " + batch.mark + " is only partly present");
    }

    private boolean isCertainlyRemoved(Batch batch, long id) {
        return removals.values().stream()
                .anyMatch(
                        removal -> removal.concerns(id) && removal.begun > batch.done && removal.done < Long.MAX_VALUE);
    }

    private boolean mayBeRemoved(Batch batch, long id) {
        return removals.values().stream().anyMatch(removal -> removal.concerns(id) && removal.done > batch.begun);
    }

    /** Returns whether a removal may have taken some records of the batch. */
    private boolean mayBeCut(Batch batch, long first) {
        for (int i = 0; i < batch.records; i++) {
            if (mayBeRemoved(batch, first + i)) {
                return true;
            }
        }
        return false;
    }

    private void begin(long firstId, List<Long> found) {
        Set<Long> held = new HashSet<>(found);
        for (Batch batch : batches.values()) {
            for (long mark = batch.mark; mark < batch.mark + batch.records; mark++) {
                if (!held.contains(mark)) {
                    gone.add(mark);
                }
            }
        }
        batches.clear();
        removals.clear();
        for (int i = 0; i < found.size(); i++) {
            Batch alone = new Batch(found.get(i), 1, now);
            alone.id = firstId + i;
            alone.done = now;
            batches.put(alone.mark, alone);
        }
    }

    private static void check(boolean right, String otherwise) {
        if (!right) {
            throw new AssertionError(otherwise);
        }
    }
}
