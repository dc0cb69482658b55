package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.explorer.Action.Plain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * A sequence of actions on a log, written by hand ({@link #parse}) or drawn from a seed ({@link #random}). Immutable.
 */
public final class Workload {
    /** Kinds of actions that a random workload contains in addition to appends. */
    public enum Feature {
        /** Calls of {@code appendAsync}. The workload decides when the tasks of the log's threads run. */
        ASYNC,
        /** Closing and reopening, {@code sync()} and idle times. */
        REOPEN,
        /** Kills and power failures. The same workload continues after them. */
        CRASH,
        /** Calls of {@code truncate}, {@code trim} and {@code reset}. */
        REMOVE,
        /** Appends with explicit ids. */
        EXPLICIT,
        /**
         * Reads by other processes and by open cursors while the writer is open, and attempts of a second writer to
         * open the log.
         */
        PEEK,
        /** Records as large as a small segment. */
        LARGE
    }

    private static final int[] EDGES = {
        0, 0, 1, 7, 8, 9, 24, 40, 64, 100, 100, 128, 250, 448, 480, 488, 496, 504, 512, 520, 1000, 1024
    };
    private static final int[] LARGE_EDGES = {2000, 3500, 4000, 4040, 4072, 4096, 4200, 7900, 8100, 8192, 9000};

    private final List<Action> actions;

    private Workload(List<Action> actions) {
        this.actions = List.copyOf(actions);
    }

    static Workload of(List<Action> actions) {
        return new Workload(actions);
    }

    /**
     * Parses a script: actions separated by {@code ;}.
     *
     * <ul>
     *   <li>{@code append 10,20}, {@code async 10,20}: appends one batch of records of these sizes. {@code put 5
     *       10,20}: appends one batch with explicit ids, the first being the next id plus 5.
     *   <li>{@code truncate 2}, {@code trim 2}: removes the 2 newest or the 2 oldest records. {@code reset 7}: removes
     *       all records and raises the next id by 7.
     *   <li>{@code write}, {@code complete}, {@code maintain}: runs one task of that kind. {@code idle}: lets the idle
     *       time pass. {@code delay}: the removal of dead files waits among the maintaining tasks from now on.
     *   <li>{@code sync}, {@code reopen}, {@code check}. {@code peek}: opens the log read-only while the writer is
     *       open. {@code rival}: a second writer tries to open the log.
     *   <li>{@code follow 2}: opens a cursor at the first id plus 2; the cursor stays open. {@code step}: moves all
     *       open cursors by one record.
     *   <li>{@code kill}: kills the process and reopens the log. {@code cut 5}: a power failure, in which seed 5
     *       decides what survives, and a reopening.
     * </ul>
     */
    public static Workload parse(String script) {
        return new Workload(Arrays.stream(script.split(";", -1))
                .filter(text -> !text.isBlank())
                .map(Action::parse)
                .toList());
    }

    /** Draws a workload with this number of actions, followed by a check. */
    public static Workload random(long seed, int actions, Set<Feature> features) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Action> kinds = new ArrayList<>();
        List<Action> drawn = new ArrayList<>();
        for (int i = 0; i < actions; i++) {
            kinds.clear();
            addKinds(kinds, random, features);
            drawn.add(kinds.get(random.nextInt(kinds.size())));
        }
        drawn.add(Plain.CHECK);
        return new Workload(drawn);
    }

    /** Draws a workload with all features except crashes. */
    public static Workload random(long seed, int actions) {
        return random(seed, actions, EnumSet.complementOf(EnumSet.of(Feature.CRASH)));
    }

    private static void addKinds(List<Action> kinds, SplittableRandom random, Set<Feature> features) {
        boolean large = features.contains(Feature.LARGE);
        for (int i = 0; i < 5; i++) {
            kinds.add(new Action.Append(sizes(random, large)));
        }
        kinds.add(Plain.MAINTAIN);
        kinds.add(Plain.CHECK);
        if (features.contains(Feature.ASYNC)) {
            kinds.add(new Action.Async(sizes(random, large)));
            kinds.add(new Action.Async(sizes(random, large)));
            kinds.addAll(List.of(Plain.WRITE, Plain.COMPLETE));
        }
        if (features.contains(Feature.REOPEN)) {
            kinds.addAll(List.of(Plain.REOPEN, Plain.SYNC, Plain.IDLE));
        }
        if (features.contains(Feature.CRASH)) {
            kinds.add(Plain.KILL);
            kinds.add(new Action.PowerCut(random.nextInt(1000)));
        }
        if (features.contains(Feature.REMOVE)) {
            kinds.add(Plain.DELAY);
            kinds.add(new Action.Truncate(random.nextInt(random.nextInt(8) == 0 ? 100 : 6)));
            kinds.add(new Action.Trim(random.nextInt(random.nextInt(8) == 0 ? 100 : 6)));
            if (random.nextInt(3) == 0) {
                kinds.add(new Action.Reset(1 + random.nextInt(20)));
            }
        }
        if (features.contains(Feature.EXPLICIT)) {
            kinds.add(new Action.Put(random.nextInt(4) == 0 ? random.nextInt(20) : 0, sizes(random, large)));
        }
        if (features.contains(Feature.PEEK)) {
            kinds.addAll(List.of(Plain.PEEK, Plain.STEP, Plain.RIVAL));
            kinds.add(new Action.Follow(random.nextInt(4)));
        }
    }

    private static List<Integer> sizes(SplittableRandom random, boolean large) {
        int count = random.nextInt(3) > 0 ? 1 : 1 + random.nextInt(5);
        List<Integer> sizes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] edges = large && random.nextInt(6) == 0 ? LARGE_EDGES : EDGES;
            int size = edges[random.nextInt(edges.length)];
            sizes.add(random.nextInt(3) == 0 ? Math.max(0, size + random.nextInt(-20, 20)) : size);
        }
        return sizes;
    }

    List<Action> actions() {
        return actions;
    }

    /** Returns the script that {@link #parse} reads. */
    @Override
    public String toString() {
        return actions.stream().map(Action::toString).collect(Collectors.joining("; "));
    }
}
