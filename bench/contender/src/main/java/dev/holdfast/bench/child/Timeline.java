package dev.holdfast.bench.child;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The slowest append of each stretch of time, and what happened when.
 *
 * @param stretchMillis how long each is
 * @param slowestNanos of each stretch in turn, 0 where nothing was appended
 */
public record Timeline(long stretchMillis, List<Long> slowestNanos, List<Mark> marks) {
    /** One of nothing. */
    public static final Timeline NONE = new Timeline(100, List.of(), List.of());

    /** What may have made an append slow. */
    public enum Event {
        /** A file appeared in the log's directory. */
        ROLL,
        /** The log was trimmed. */
        TRIM
    }

    /**
     * Something that happened.
     *
     * @param millis since the measurement began
     */
    public record Mark(long millis, Event event) {}

    String line() {
        return stretchMillis + ";" + slowestNanos.stream().map(String::valueOf).collect(Collectors.joining(",")) + ";"
                + marks.stream().map(mark -> mark.millis() + ":" + mark.event()).collect(Collectors.joining(","));
    }

    static Timeline parse(String line) {
        String[] parts = line.split(";", -1);
        List<Long> slowest = new ArrayList<>();
        List<Mark> marks = new ArrayList<>();
        for (String nanos : parts[1].isEmpty() ? new String[0] : parts[1].split(",", -1)) {
            slowest.add(Long.parseLong(nanos));
        }
        for (String mark : parts[2].isEmpty() ? new String[0] : parts[2].split(",", -1)) {
            String[] timeAndEvent = mark.split(":", 2);
            marks.add(new Mark(Long.parseLong(timeAndEvent[0]), Event.valueOf(timeAndEvent[1])));
        }
        return new Timeline(Long.parseLong(parts[0]), List.copyOf(slowest), List.copyOf(marks));
    }
}
