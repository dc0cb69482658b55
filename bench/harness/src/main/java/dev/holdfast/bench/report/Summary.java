package dev.holdfast.bench.report;

import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrant.Role;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Statistics;
import dev.holdfast.bench.run.Workload;
import java.util.List;
import java.util.Optional;

/** Writes a few figures into a page, between two marks, so that they are never entered by hand. */
public final class Summary {
    private static final String BEGIN = "<!-- bench: written by the tool -->\n";
    private static final String END = "<!-- bench: end -->\n";
    private static final String NOT_MEASURED = "not measured yet";
    private static final int KIB = 1 << 10;

    /** A row of the summary and the cell that it reports. */
    private record Line(String words, Workload workload, int depth) {
        boolean matches(Cell cell) {
            return cell.workload() == workload && cell.depth() == depth && cell.recordBytes() == KIB;
        }
    }

    private static final List<Line> LINES = List.of(
            new Line("one caller, 1 KiB", Workload.W1, 1),
            new Line("64 callers, 1 KiB", Workload.W2, 64),
            new Line("1,024 in flight, 1 KiB", Workload.W4, 1_024),
            new Line("reading all back, 1 KiB", Workload.W6_BACK, 1));

    private final Report report;

    public Summary(Report report) {
        this.report = report;
    }

    /**
     * Returns the page with new figures.
     *
     * @throws IllegalArgumentException if the page does not have both marks
     */
    public String writtenInto(String page) {
        int begin = page.indexOf(BEGIN);
        int end = page.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException(
                    "the page must have the lines \"" + BEGIN.strip() + "\" and \"" + END.strip() + "\"");
        }
        return page.substring(0, begin + BEGIN.length()) + block() + page.substring(end);
    }

    private String block() {
        StringBuilder block = new StringBuilder();
        block.append(String.join("; ", report.machine().facts().values())).append(".\n\n");
        block.append("| | Holdfast | bare disk | best peer |\n|---|---|---|---|\n");
        for (Line line : LINES) {
            Optional<Cell> cell =
                    report.results().cells().stream().filter(line::matches).findFirst();
            block.append("| ").append(line.words());
            for (Role role : List.of(Role.HOLDFAST, Role.DISK, Role.PEER)) {
                block.append(" | ")
                        .append(cell.flatMap(one -> number(one, role)).orElse(NOT_MEASURED));
            }
            block.append(" |\n");
        }
        return block.toString();
    }

    private Optional<String> number(Cell cell, Role role) {
        Results results = report.results();
        Optional<Entrant> entrant = role == Role.PEER ? report.comparable(cell) : results.first(cell, role);
        return entrant.flatMap(one -> results.metric(cell, one)
                .map(Statistics::median)
                .map(median -> Numbers.text(median) + " "
                        + cell.workload().metric().unit() + (role == Role.PEER ? " (" + one.name() + ")" : "")));
    }
}
