package dev.holdfast.spec;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** The events of one run, in the form of the module LogTrace. Immutable. */
record Trace(List<Event> events) {
    /**
     * One event.
     *
     * @param kind disk, returned, opened or crash
     * @param first the first id of the log after it was opened; otherwise 0
     * @param next the next id after a call or an open has returned; otherwise 0
     */
    record Event(String kind, long first, long next, SortedMap<Long, String> visible, SortedMap<Long, String> stable) {
        boolean isDisk() {
            return kind.equals("disk");
        }

        private String text(UnaryOperator<String> name) {
            return "[event |-> \"" + kind + "\", first |-> " + first + ", next |-> " + next + ", visible |-> "
                    + function(visible, name) + ", stable |-> " + function(stable, name) + "]";
        }

        private static String function(Map<Long, String> segments, UnaryOperator<String> name) {
            return segments.isEmpty()
                    ? "<<>>"
                    : segments.entrySet().stream()
                            .map(entry -> "(" + entry.getKey() + " :> " + name.apply(entry.getValue()) + ")")
                            .collect(Collectors.joining(" @@ "));
        }
    }

    Trace {
        events = List.copyOf(events);
    }

    Trace without(int index) {
        List<Event> fewer = new ArrayList<>(events);
        fewer.remove(index);
        return new Trace(fewer);
    }

    Trace with(int index, Event event) {
        List<Event> changed = new ArrayList<>(events);
        changed.set(index, event);
        return new Trace(changed);
    }

    /** Returns whether an event is a write, and the next one makes the written bytes stable. */
    boolean isWriteBeforeSync(int at) {
        Event before = events.get(at - 1);
        Event now = events.get(at);
        Event next = events.get(at + 1);
        return now.isDisk()
                && next.isDisk()
                && now.stable().equals(before.stable())
                && !now.visible().equals(before.visible())
                && next.visible().equals(now.visible());
    }

    /** Returns whether an event makes bytes stable, and the call returns next. */
    boolean isSyncBeforeAnswer(int at) {
        return events.get(at).isDisk()
                && !events.get(at).stable().equals(events.get(at - 1).stable())
                && events.get(at + 1).kind().equals("returned");
    }

    /** Returns the events as a TLA+ sequence, with names for the segments. */
    private String text(UnaryOperator<String> name) {
        return events.stream().map(event -> event.text(name)).collect(Collectors.joining(",\n    ", "<<", ">>"));
    }

    /** Returns the model that compares traces with the module Log. */
    static Model model(List<Trace> traces) throws IOException {
        // Definitions without parameters, because TLC evaluates them once. Most events show the segments of the event
        // before, so each segment has one definition.
        Map<String, String> names = new LinkedHashMap<>();
        String events = traces.stream()
                .map(trace -> trace.text(segment -> names.computeIfAbsent(segment, text -> "Segment" + names.size())))
                .collect(Collectors.joining(",\n  "));
        String segments = names.entrySet().stream()
                .map(segment -> segment.getValue() + " == " + segment.getKey() + "\n")
                .collect(Collectors.joining());
        String module = "---- MODULE Runs ----\nEXTENDS LogTrace\n" + segments
                + "TheRuns == <<\n  " + events + ">>\n"
                + "TheLength(run) == Len(TheRuns[run])\nTheEvent(run, n) == TheRuns[run][n]\n"
                + "TheIds == 1..60\nTheSizes == {<<1>>, <<2>>, <<1, 1>>, <<1, 2>>, <<2, 1>>, <<2, 2>>}\n====\n";
        return Model.of("Log")
                .with("Wanted", 6)
                .with("MaxRecords", 1000)
                .with("MaxRemovals", 1000)
                .with("MaxMarkers", 1000)
                .with("MaxCrashes", 1000)
                .extendedBy("LogTrace", Model.text("LogTrace"))
                .extendedBy("Runs", module)
                .specified("TraceSpec", "Accepts")
                .configured("CONSTANTS Runs = " + traces.size() + " Length <- TheLength Event <- TheEvent Ids <- TheIds"
                        + " BatchSizes <- TheSizes HasRoom <- Either NeedsRoll <- Either NextDead <- AnyDead"
                        + " NeedsSpare <- MayWant");
    }
}
