package dev.holdfast.bench.report;

import dev.holdfast.bench.report.Rule.Measure;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrant.Role;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Statistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A target of Holdfast and the result.
 *
 * @param name the cell
 * @param required the bound, such as {@code ≤ 1.10 × the bare disk}
 * @param reached the figure to compare, as text; empty if it was not measured
 * @param beside the measured value if {@code reached} is a ratio, and the goal of a quiet run
 */
record Target(String name, String required, String reached, Verdict verdict, String beside) {
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

    /** Returns all targets, including those without a measurement. */
    static List<Target> of(Report report) {
        List<Target> targets = new ArrayList<>();
        for (Rule rule : Rules.all()) {
            targets.add(report.results().cells().stream()
                    .filter(rule::matches)
                    .findFirst()
                    .flatMap(cell -> measured(rule, cell, report))
                    .orElseGet(() -> withoutFigure(rule, "", Verdict.NOT_MEASURED)));
        }
        return targets;
    }

    private static Target withoutFigure(Rule rule, String reached, Verdict verdict) {
        return new Target(rule.name(), rule.required(), reached, verdict, goal(rule));
    }

    private static Optional<Target> measured(Rule rule, Cell cell, Report report) {
        Results results = report.results();
        Optional<Entrant> holdfast = results.first(cell, Role.HOLDFAST);
        if (holdfast.isEmpty()) {
            return Optional.empty();
        }
        if (results.isOverloaded(cell, holdfast.get())) {
            return Optional.of(withoutFigure(rule, "cannot hold the rate", Verdict.MISSED));
        }
        if (rule.measure().isToPeers() && isAlone(cell, holdfast.get(), results)) {
            return Optional.of(withoutFigure(rule, "no peer holds the rate", Verdict.PASSED));
        }
        return rule.reached(cell, holdfast.get(), report)
                .map(reached -> target(rule, results.metric(cell, holdfast.get()), reached));
    }

    /** Returns whether Holdfast was measured, and all peers were left out because they could not hold the rate. */
    private static boolean isAlone(Cell cell, Entrant holdfast, Results results) {
        List<Entrant> peers = results.entrants(cell).stream()
                .filter(entrant -> entrant.role() == Role.PEER)
                .toList();
        return results.metric(cell, holdfast).isPresent()
                && !peers.isEmpty()
                && peers.stream().allMatch(peer -> results.isOverloaded(cell, peer));
    }

    private static Target target(Rule rule, Optional<Statistics> itself, double reached) {
        boolean isRatio = rule.measure() != Measure.ITSELF && rule.bound() > 0;
        String number = itself.filter(statistics -> isRatio)
                .map(statistics -> Numbers.text(statistics.median()) + " "
                        + rule.like().workload().metric().unit())
                .orElse("");
        return new Target(
                rule.name(),
                rule.required(),
                Numbers.text(reached) + (rule.measure() == Measure.ITSELF ? " " + rule.unit() : ""),
                rule.isMetBy(reached) ? Verdict.PASSED : Verdict.MISSED,
                number + (number.isEmpty() || rule.goal().isEmpty() ? "" : ", ") + goal(rule));
    }

    private static String goal(Rule rule) {
        return rule.goal().isEmpty()
                ? ""
                : "goal " + Numbers.text(rule.goal().getAsDouble()) + " "
                        + rule.like().workload().metric().unit();
    }
}
