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

/**
 * What Holdfast should reach, and what it did.
 *
 * @param name which cell
 * @param required such as {@code <= 1.10 × the bare disk}
 * @param reached the number to compare
 */
record Target(String name, String required, double reached, boolean passed) {
    private static final int KIB = 1 << 10;

    /** What a target is held against. */
    private enum Measure {
        TO_DISK("× the bare disk"),
        TO_BEST_PEER("× the best peer"),
        ITSELF(""),
        TO_APPEND("× one append");

        private final String words;

        Measure(String words) {
            this.words = words;
        }
    }

    private record Rule(Workload workload, int recordBytes, int depth, Measure measure, boolean atMost, double bound) {}

    /** A depth of 0 is any. */
    private static final List<Rule> RULES = List.of(
            new Rule(Workload.W1, 128, 0, Measure.TO_DISK, true, 1.10),
            new Rule(Workload.W1, KIB, 0, Measure.TO_DISK, true, 1.10),
            new Rule(Workload.W2, KIB, 64, Measure.TO_BEST_PEER, false, 1.5),
            new Rule(Workload.W3, KIB, 0, Measure.TO_DISK, false, 0.75),
            new Rule(Workload.W3, 16 * KIB, 0, Measure.TO_DISK, false, 0.55),
            new Rule(Workload.W4, KIB, 0, Measure.TO_BEST_PEER, false, 2),
            new Rule(Workload.W4, 16 * KIB, 0, Measure.TO_BEST_PEER, false, 1.1),
            new Rule(Workload.W4, 128, 0, Measure.TO_BEST_PEER, false, 3),
            new Rule(Workload.W6_BACK, KIB, 0, Measure.TO_BEST_PEER, false, 3),
            new Rule(Workload.W6_BACK, 128, 0, Measure.TO_BEST_PEER, false, 3),
            new Rule(Workload.W6_ANYWHERE, KIB, 0, Measure.TO_BEST_PEER, false, 3),
            new Rule(Workload.W7, KIB, 0, Measure.ITSELF, true, 30),
            new Rule(Workload.W8_GROWING, 16 * KIB, 0, Measure.ITSELF, true, 2.0),
            new Rule(Workload.W8_STEADY, 16 * KIB, 0, Measure.ITSELF, true, 1.1),
            new Rule(Workload.W10, KIB, 0, Measure.TO_DISK, true, 1.5),
            new Rule(Workload.W11, KIB, 0, Measure.TO_APPEND, true, 6));

    /** All targets of which there is a measurement. */
    static List<Target> of(Results results) {
        List<Target> targets = new ArrayList<>();
        for (Rule rule : RULES) {
            for (Cell cell : results.cells()) {
                if (matches(rule, cell)) {
                    of(rule, cell, results).ifPresent(targets::add);
                }
            }
        }
        return targets;
    }

    private static boolean matches(Rule rule, Cell cell) {
        return cell.workload() == rule.workload()
                && cell.recordBytes() == rule.recordBytes()
                && (rule.depth() == 0 || cell.depth() == rule.depth());
    }

    private static Optional<Target> of(Rule rule, Cell cell, Results results) {
        return results.first(cell, Role.HOLDFAST)
                .flatMap(holdfast -> reached(rule, cell, holdfast, results))
                .map(reached -> target(rule, cell, reached));
    }

    private static Target target(Rule rule, Cell cell, double reached) {
        String unit = rule.measure() == Measure.ITSELF ? cell.workload().metric().unit() : rule.measure().words;
        String required = (rule.atMost() ? "≤ " : "≥ ") + Numbers.text(rule.bound()) + " " + unit;
        boolean passed = rule.atMost() ? reached <= rule.bound() : reached >= rule.bound();
        return new Target(cell.name(), required, reached, passed);
    }

    private static Optional<Double> reached(Rule rule, Cell cell, Entrant holdfast, Results results) {
        return switch (rule.measure()) {
            case TO_DISK -> results.first(cell, Role.DISK)
                    .flatMap(disk -> results.ratio(cell, holdfast, disk))
                    .map(Statistics::median);
            case TO_BEST_PEER -> results.bestPeer(cell)
                    .flatMap(peer -> results.ratio(cell, holdfast, peer))
                    .map(Statistics::median);
            case ITSELF -> results.metric(cell, holdfast).map(Statistics::median);
            case TO_APPEND -> results.figure(cell, holdfast, Figure.APPEND_P50_NANOS)
                    .flatMap(alone -> results.metric(cell, holdfast)
                            .map(pair -> pair.median() * 1e3 / alone.median()));
        };
    }
}
