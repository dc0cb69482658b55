package dev.holdfast.bench.report;

import dev.holdfast.bench.proof.Proof;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrant.Role;
import dev.holdfast.bench.run.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The content of a report.
 *
 * @param versions versions of all contenders, including those that were not measured
 * @param proofs the verdict on the system call trace of each contender
 */
public record Report(Machine machine, Map<Entrant, String> versions, Map<Entrant, Proof> proofs, Results results) {
    static final List<String> COLUMNS = List.of(
            "contender",
            "× bare disk",
            "Holdfast is",
            "median",
            "min … max",
            "p50 µs",
            "p99 µs",
            "p99.9 µs",
            "CPU µs/record",
            "switches/record",
            "rounds (discarded)",
            "foreign load");

    /** How the figures were measured: a paragraph, wrapped for Markdown. */
    static final String METHOD = """
            Each contender runs in a process of its own in each round. Within a round, the contenders take turns in
            each workload. A ratio compares two runs of the same round. If there are several rounds, the table gives
            the median, the minimum and the maximum. Foreign load is the CPU time, in cores, that other processes and
            other virtual machines used. A run with a foreign load above 0.1 is discarded. A quick run without a
            quiet round keeps the disturbed one and marks it with ~. A peer is included only if a trace of its system
            calls proves that a sync returned before each acknowledgement.""";

    /** Returns one row for each contender of a cell. */
    List<List<String>> rows(Cell cell) {
        List<List<String>> rows = new ArrayList<>();
        for (Entrant entrant : results.entrants(cell)) {
            rows.add(row(cell, entrant));
        }
        return rows;
    }

    private List<String> row(Cell cell, Entrant entrant) {
        String mark = results.isDisturbed(cell, entrant) ? " ~" : "";
        String name = entrant.name() + (entrant.role() == Role.NOT_DURABLE ? " (not durable)" : "") + mark;
        Optional<String> excuse = results.excuse(cell, entrant);
        List<String> row = new ArrayList<>(List.of(name));
        if (excuse.isPresent()) {
            row.addAll(List.of("", "", excuse.get(), "", "", "", "", "", ""));
        } else {
            row.add(ratio(cell, entrant, results.first(cell, Role.DISK)));
            row.add(results.first(cell, Role.HOLDFAST)
                    .filter(holdfast -> !holdfast.equals(entrant))
                    .map(holdfast -> comparison(cell, holdfast, entrant))
                    .orElse(""));
            row.add(results.metric(cell, entrant)
                    .map(statistics -> Numbers.text(statistics.median()) + " "
                            + cell.workload().metric().unit())
                    .orElse(""));
            row.add(results.metric(cell, entrant)
                    .map(statistics -> Numbers.text(statistics.least()) + " … " + Numbers.text(statistics.most()))
                    .orElse(""));
            for (double percentile : new double[] {50, 99, 99.9}) {
                row.add(Numbers.median(results.percentile(cell, entrant, percentile), 1));
            }
            row.add(Numbers.median(
                    results.figure(cell, entrant, dev.holdfast.bench.child.Figure.CPU_NANOS_PER_RECORD), 1e-3));
            row.add(Numbers.median(
                    results.figure(cell, entrant, dev.holdfast.bench.child.Figure.SWITCHES_PER_RECORD), 1));
        }
        row.add(results.counted(cell, entrant).size() + " (" + results.discarded(cell, entrant) + ")");
        row.add(Numbers.text(results.mostForeignCores(cell, entrant)));
        return row;
    }

    private String ratio(Cell cell, Entrant entrant, Optional<Entrant> to) {
        return to.flatMap(disk -> results.ratio(cell, entrant, disk))
                .map(ratio -> Numbers.text(ratio.median()))
                .orElse("");
    }

    /** Returns how Holdfast compares, such as "1.30 × as good". */
    private String comparison(Cell cell, Entrant holdfast, Entrant other) {
        return results.ratio(cell, holdfast, other)
                .map(ratio -> {
                    double factor = cell.workload().metric().moreIsBetter() ? ratio.median() : 1 / ratio.median();
                    return Numbers.text(factor) + " × as good";
                })
                .orElse("");
    }

    /** Returns the additional figures of a cell, in words. */
    List<String> remarks(Cell cell) {
        List<String> remarks = new ArrayList<>();
        for (Entrant entrant : results.entrants(cell)) {
            for (Remark remark : Remark.values()) {
                results.figure(cell, entrant, remark.figure())
                        .filter(statistics -> remark.isBesideTheMetric(cell))
                        .ifPresent(statistics ->
                                remarks.add(entrant.name() + ": " + remark.text(cell, statistics.median())));
            }
            results.steady(cell)
                    .flatMap(steady -> results.ratio(cell, steady, entrant))
                    .ifPresent(ratio -> remarks.add(
                            entrant.name() + ": " + Numbers.text(ratio.median()) + " × the same in a recycled log"));
        }
        return remarks;
    }

    /** Returns the best peer of a cell. In the reading workloads, only peers that detect damage are comparable. */
    Optional<Entrant> comparable(Cell cell) {
        return results.bestPeer(cell, peer -> !cell.workload().reads() || noticesDamage(peer));
    }

    boolean noticesDamage(Entrant entrant) {
        return Optional.ofNullable(proofs.get(entrant))
                .map(Proof::noticesDamage)
                .orElse(false);
    }

    /** Returns whether the contender detects damage when it reads. */
    String readingText(Entrant entrant) {
        return proofs.get(entrant) instanceof Proof.Proven proven
                ? proven.reading().words()
                : "not tested";
    }

    String proofText(Entrant entrant) {
        Proof proof = proofs.get(entrant);
        if (proof instanceof Proof.Proven proven) {
            return "yes: " + proven.by() + " before each of " + proven.appends() + " acknowledgements";
        }
        return proof instanceof Proof.Unproven unproven ? "no: " + unproven.reason() : "not tested";
    }
}
