package dev.holdfast.testkit.file;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Model of the log that a {@link WriterProcess} writes, from the lines that the process prints. */
final class WriterModel {
    private TreeMap<Long, Long> generations = new TreeMap<>();
    private TreeMap<Long, Long> attempted = new TreeMap<>();
    private final Set<Long> acknowledged = new HashSet<>();
    private long newest;

    /** Processes one line. */
    void hear(String word) {
        String[] parts = word.split(" ");
        switch (parts[0]) {
            case "append" -> append(Long.parseLong(parts[1]), Long.parseLong(parts[2]), Integer.parseInt(parts[3]));
            case "truncate" ->
                attempted.tailMap(Long.parseLong(parts[1]), false).clear();
            case "trim" -> attempted.headMap(Long.parseLong(parts[1]), true).clear();
            case "reset" -> attempted.clear();
            case "done" -> {
                generations = new TreeMap<>(attempted);
                acknowledged.addAll(attempted.values());
            }
            default -> {}
        }
    }

    private void append(long firstId, long generation, int records) {
        for (int i = 0; i < records; i++) {
            attempted.put(firstId + i, generation + i);
        }
        newest = generation + records - 1;
    }

    /** Returns the records of the log after the last completed call. */
    List<Stamp> records() {
        return stamps(generations);
    }

    /** Returns the records of the log if the last requested call takes effect. */
    List<Stamp> attempted() {
        return stamps(attempted);
    }

    private static List<Stamp> stamps(TreeMap<Long, Long> generations) {
        return generations.entrySet().stream()
                .map(record -> new Stamp(record.getKey(), record.getValue()))
                .toList();
    }

    /** Returns every generation that was ever acknowledged. */
    Set<Long> acknowledged() {
        return acknowledged;
    }

    /** Continues with the records that were found after a crash. The next writer starts with them. */
    void settle(List<Stamp> found) {
        attempted = new TreeMap<>();
        found.forEach(stamp -> attempted.put(stamp.id(), stamp.generation()));
        generations = new TreeMap<>(attempted);
        acknowledged.addAll(attempted.values());
    }

    /** Returns the highest generation that was written. */
    long newestGeneration() {
        return newest;
    }
}
