package dev.holdfast.bench.child;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The slowest append of each interval, and the events of the run.
 *
 * @param stretchMillis length of an interval
 * @param slowestNanos latency of the slowest append of each interval; 0 if no append ended in it
 */
public record Timeline(long stretchMillis, List<Long> slowestNanos, List<Mark> marks) {
    /** A timeline without intervals. */
    public static final Timeline NONE = new Timeline(100, List.of(), List.of());

    /** An event that may have made an append slow. */
    public enum Event {
        /** A file appeared in the directory of the log. */
        ROLL,
        /** The log was trimmed. */
        TRIM
    }

    /**
     * An event of the run.
     *
     * @param millis time since the measurement began
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
