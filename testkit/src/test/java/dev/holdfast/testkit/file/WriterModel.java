package dev.holdfast.testkit.file;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** What a {@link WriterProcess} says that its log holds. */
final class WriterModel {
    private TreeMap<Long, Long> generations = new TreeMap<>();
    private TreeMap<Long, Long> attempted = new TreeMap<>();
    private final Set<Long> acknowledged = new HashSet<>();
    private long newest;

    /** Hears one thing. */
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

    /** What it holds for certain or, if its last word was that it begins something, held before. */
    List<Stamp> records() {
        return stamps(generations);
    }

    /** What it holds if that has been done. */
    List<Stamp> attempted() {
        return stamps(attempted);
    }

    private static List<Stamp> stamps(TreeMap<Long, Long> generations) {
        return generations.entrySet().stream()
                .map(record -> new Stamp(record.getKey(), record.getValue()))
                .toList();
    }

    /** Every generation that was ever acknowledged. */
    Set<Long> acknowledged() {
        return acknowledged;
    }

    /** After a crash that left this: the writer that comes next begins with it. */
    void settle(List<Stamp> found) {
        attempted = new TreeMap<>();
        found.forEach(stamp -> attempted.put(stamp.id(), stamp.generation()));
        generations = new TreeMap<>(attempted);
        acknowledged.addAll(attempted.values());
    }

    /** The highest generation that was written. */
    long newestGeneration() {
        return newest;
    }
}
