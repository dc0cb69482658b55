package dev.holdfast.bench.report;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrant.Role;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Statistics;
import dev.holdfast.bench.run.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A target of Holdfast and the result.
 *
 * @param name the cell
 * @param required the bound, such as {@code ≤ 1.10 × the bare disk}
 * @param reached the figure to compare, as text; empty if it was not measured
 * @param beside the measured value if {@code reached} is a ratio, and the goal of a quiet run
 */
record Target(String name, String required, String reached, Verdict verdict, String beside) {
    private static final int KIB = 1 << 10;
    private static final long GIB = 1 << 30;

    /** Whether the target was reached. */
    enum Verdict {
        PASSED("passed"),
        MISSED("missed"),
        NOT_MEASURED("not measured");

        private final String words;

        Verdict(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /** The quantity that a target limits. */
    private enum Measure {
        TO_DISK("× the bare disk"),
        TO_BEST_PEER("× the best peer"),
        TO_BEST_CHECKED_PEER("× the best peer that detects damage"),
        ITSELF(""),
        TO_APPEND("× one append"),
        ALLOCATED("bytes allocated per record"),
        GROWTH("bytes of growth"),
        SPARES("appends that wait for a spare");

        private final String words;

        Measure(String words) {
            this.words = words;
        }
    }

    /**
     * The definition of a target.
     *
     * @param logBytes size of the log; 0 accepts any size
     * @param goal value for a quiet run on a disk that does 7,000 to 8,500 synced writes of 4 KiB a second
     */
    private record Rule(
            Workload workload,
            int recordBytes,
            int depth,
            long logBytes,
            Measure measure,
            boolean atMost,
            double bound,
            OptionalDouble goal) {
        static Rule atMost(double bound, Measure measure, Workload workload, int recordBytes) {
            return new Rule(workload, recordBytes, 1, 0, measure, true, bound, OptionalDouble.empty());
        }

        static Rule atLeast(double bound, Measure measure, Workload workload, int recordBytes, int depth) {
            return new Rule(workload, recordBytes, depth, 0, measure, false, bound, OptionalDouble.empty());
        }

        Rule ofLogOf(long bytes) {
            return new Rule(workload, recordBytes, depth, bytes, measure, atMost, bound, goal);
        }

        Rule withDepth(int callers) {
            return new Rule(workload, recordBytes, callers, logBytes, measure, atMost, bound, goal);
        }

        Rule withGoal(double number) {
            return new Rule(workload, recordBytes, depth, logBytes, measure, atMost, bound, OptionalDouble.of(number));
        }

        boolean matches(Cell cell) {
            return cell.workload() == workload
                    && cell.recordBytes() == recordBytes
                    && cell.depth() == depth
                    && (logBytes == 0 || cell.logBytes() == logBytes);
        }

        /** Returns the heading of the cell that this target is about. */
        String name() {
            return new Cell(workload, recordBytes, depth, Cell.Peers.ALL, 0, 0, logBytes, 0).heading();
        }

        String unit() {
            return measure == Measure.ITSELF ? workload.metric().unit() : measure.words;
        }

        String required() {
            return (bound == 0 ? "0" : (atMost ? "≤ " : "≥ ") + Numbers.text(bound)) + " " + unit();
        }
    }

    private static final int IN_FLIGHT = 1_024;
    private static final int BATCH = 64;

    private static final List<Rule> RULES = List.of(
            Rule.atMost(1.10, Measure.TO_DISK, Workload.W1, 128),
            Rule.atMost(1.10, Measure.TO_DISK, Workload.W1, KIB),
            Rule.atLeast(1.5, Measure.TO_BEST_PEER, Workload.W2, KIB, 64).withGoal(110_000),
            Rule.atLeast(0.75, Measure.TO_DISK, Workload.W3, KIB, BATCH),
            Rule.atLeast(0.55, Measure.TO_DISK, Workload.W3, 16 * KIB, BATCH),
            Rule.atLeast(2, Measure.TO_BEST_PEER, Workload.W4, KIB, IN_FLIGHT).withGoal(800e6 / KIB),
            Rule.atLeast(1.1, Measure.TO_BEST_PEER, Workload.W4, 16 * KIB, IN_FLIGHT)
                    .withGoal(1e9 / (16 * KIB)),
            Rule.atLeast(3, Measure.TO_BEST_PEER, Workload.W4, 128, IN_FLIGHT).withGoal(2e6),
            Rule.atLeast(3, Measure.TO_BEST_CHECKED_PEER, Workload.W6_BACK, KIB, 1)
                    .withGoal(5_000),
            Rule.atLeast(3, Measure.TO_BEST_CHECKED_PEER, Workload.W6_BACK, 128, 1)
                    .withGoal(20e6 * 128 / 1e6),
            Rule.atLeast(3, Measure.TO_BEST_CHECKED_PEER, Workload.W6_ANYWHERE, KIB, 1)
                    .withGoal(1e6),
            Rule.atMost(30, Measure.ITSELF, Workload.W7, KIB).ofLogOf(GIB),
            Rule.atMost(30, Measure.ITSELF, Workload.W7, KIB).ofLogOf(4 * GIB),
            Rule.atMost(2.0, Measure.ITSELF, Workload.W8_GROWING, 16 * KIB).withDepth(IN_FLIGHT / 8),
            Rule.atMost(1.1, Measure.ITSELF, Workload.W8_STEADY, 16 * KIB).withDepth(IN_FLIGHT / 8),
            Rule.atMost(1.5, Measure.TO_DISK, Workload.W10, KIB),
            Rule.atMost(0, Measure.SPARES, Workload.W10, KIB),
            Rule.atMost(6, Measure.TO_APPEND, Workload.W11, KIB),
            Rule.atMost(0, Measure.GROWTH, Workload.W11, KIB),
            Rule.atMost(0, Measure.ALLOCATED, Workload.W1, KIB),
            Rule.atMost(0, Measure.ALLOCATED, Workload.W6_BACK, KIB));

    /** Returns all targets, including those without a measurement. */
    static List<Target> of(Report report) {
        List<Target> targets = new ArrayList<>();
        for (Rule rule : RULES) {
            targets.add(report.results().cells().stream()
                    .filter(rule::matches)
                    .findFirst()
                    .flatMap(cell -> measured(rule, cell, report))
                    .orElseGet(() -> new Target(rule.name(), rule.required(), "", Verdict.NOT_MEASURED, goal(rule))));
        }
        return targets;
    }

    private static Optional<Target> measured(Rule rule, Cell cell, Report report) {
        Results results = report.results();
        return results.first(cell, Role.HOLDFAST)
                .flatMap(holdfast -> reached(rule, cell, holdfast, report)
                        .map(reached -> target(rule, results.metric(cell, holdfast), reached)));
    }

    /**
     * Compares the result with the bound. A bound of 0 bytes allows less than half a byte, because the result is
     * rounded as in the report.
     */
    private static Target target(Rule rule, Optional<Statistics> itself, double reached) {
        double rounded = rule.bound() == 0 ? Math.rint(reached) : reached;
        boolean passed = rule.atMost() ? rounded <= rule.bound() : rounded >= rule.bound();
        String number = itself.filter(statistics -> rule.measure() != Measure.ITSELF && rule.bound() > 0)
                .map(statistics -> Numbers.text(statistics.median()) + " "
                        + rule.workload().metric().unit())
                .orElse("");
        return new Target(
                rule.name(),
                rule.required(),
                Numbers.text(reached) + (rule.measure() == Measure.ITSELF ? " " + rule.unit() : ""),
                passed ? Verdict.PASSED : Verdict.MISSED,
                number + (number.isEmpty() || rule.goal().isEmpty() ? "" : ", ") + goal(rule));
    }

    private static String goal(Rule rule) {
        return rule.goal().isEmpty()
                ? ""
                : "goal " + Numbers.text(rule.goal().getAsDouble()) + " "
                        + rule.workload().metric().unit();
    }

    private static Optional<Double> reached(Rule rule, Cell cell, Entrant holdfast, Report report) {
        Results results = report.results();
        return switch (rule.measure()) {
            case TO_DISK ->
                results.first(cell, Role.DISK)
                        .flatMap(disk -> results.ratio(cell, holdfast, disk))
                        .map(Statistics::median);
            case TO_BEST_PEER, TO_BEST_CHECKED_PEER ->
                report.comparable(cell)
                        .flatMap(peer -> results.ratio(cell, holdfast, peer))
                        .map(Statistics::median);
            case ITSELF -> results.metric(cell, holdfast).map(Statistics::median);
            case TO_APPEND ->
                results.figure(cell, holdfast, Figure.APPEND_P50_NANOS)
                        .flatMap(alone ->
                                results.metric(cell, holdfast).map(pair -> pair.median() * 1e3 / alone.median()));
            case ALLOCATED ->
                results.figure(cell, holdfast, Figure.ALLOCATED_BYTES_PER_RECORD)
                        .map(Statistics::median);
            case GROWTH -> results.figure(cell, holdfast, Figure.GROWTH_BYTES).map(Statistics::most);
            case SPARES -> results.figure(cell, holdfast, Figure.SPARE_WAITS).map(Statistics::most);
        };
    }
}
