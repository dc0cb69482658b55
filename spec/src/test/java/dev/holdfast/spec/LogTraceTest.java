package dev.holdfast.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spec.Trace.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares runs of the real log with the module Log. TLC must find a behaviour of the module for each trace, and none
 * for a trace that was altered.
 */
class LogTraceTest {
    private static final int RUNS = Tlc.LARGE ? 200 : 20;
    private static final int CALLS = 9;
    private static final long SEED = Long.getLong("holdfast.seed", 1);
    private static final String RECORDS = "[kind |-> \"RECORDS\"";
    private static final Pattern ACCEPTED = Pattern.compile("<<\"accepted\", (\\d+)>>");

    @TempDir
    Path folder;

    @Test
    void everyRunOfTheLogIsABehaviourOfTheModule() throws IOException {
        List<Trace> traces = runs(SEED, RUNS);
        System.out.println("TLC: traces of seed " + SEED + ": "
                + traces.stream().mapToInt(trace -> trace.events().size()).sum() + " events of " + RUNS + " runs");
        assertThat(accepted(traces)).isEqualTo(IntStream.range(0, RUNS).boxed().collect(Collectors.toSet()));
    }

    @Test
    void alteredTraceIsRejected() throws IOException {
        List<Trace> altered = new ArrayList<>();
        for (Trace trace : runs(SEED + 1000, 5)) {
            altered.add(withOtherNumber(trace, "durable |-> "));
            altered.add(withOtherNumber(trace, "first |-> "));
            altered.add(withOtherNumber(trace, "batches |-> <<<<"));
            altered.add(withOtherNextId(trace));
            withoutEvent(trace, Trace::isWriteBeforeSync).ifPresent(altered::add);
            withoutEvent(trace, Trace::isSyncBeforeAnswer).ifPresent(altered::add);
        }
        assertThat(altered).hasSizeGreaterThanOrEqualTo(20);
        assertThat(accepted(altered)).isEmpty();
    }

    private static List<Trace> runs(long seed, int count) {
        return IntStream.range(0, count)
                .mapToObj(run -> TracedRun.of(seed + run, CALLS))
                .toList();
    }

    /** Changes a number of the last groups with records: the durable id, the first id, or the number of a record. */
    private static Trace withOtherNumber(Trace trace, String name) {
        int at = trace.events().size() - 1;
        while (!trace.events().get(at).visible().toString().contains(RECORDS)) at--;
        Event event = trace.events().get(at);
        SortedMap<Long, String> visible = new TreeMap<>(event.visible());
        visible.replaceAll((epoch, segment) -> {
            int group = Math.max(0, segment.lastIndexOf(RECORDS));
            return segment.substring(0, group)
                    + Pattern.compile(Pattern.quote(RECORDS) + "(.*?)" + Pattern.quote(name) + "(\\d+)")
                            .matcher(segment.substring(group))
                            .replaceFirst(
                                    found -> RECORDS + found.group(1) + name + (Long.parseLong(found.group(2)) + 1));
        });
        return trace.with(at, new Event(event.kind(), event.first(), event.next(), visible, event.stable()));
    }

    private static Trace withOtherNextId(Trace trace) {
        int at = trace.events().size() - 1;
        while (trace.events().get(at).next() == 0) at--;
        Event event = trace.events().get(at);
        return trace.with(
                at, new Event(event.kind(), event.first(), event.next() + 1, event.visible(), event.stable()));
    }

    private static Optional<Trace> withoutEvent(Trace trace, BiPredicate<Trace, Integer> which) {
        return IntStream.range(1, trace.events().size() - 1)
                .filter(at -> which.test(trace, at))
                .mapToObj(trace::without)
                .reduce((one, later) -> later);
    }

    /** Returns the positions of the traces that are behaviours of the module. */
    private Set<Integer> accepted(List<Trace> traces) throws IOException {
        Tlc.Result result =
                Tlc.start(Trace.model(traces), folder.resolve("traces")).join();
        assertThat(result.broken()).isEmpty();
        return ACCEPTED.matcher(result.output())
                .results()
                .map(line -> Integer.parseInt(line.group(1)) - 1)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
