package dev.holdfast.bench.report;

import dev.holdfast.bench.run.Cell;
import java.util.Collections;
import java.util.List;

/** The report as Markdown tables. */
public final class MarkdownReport {
    static final List<String> TARGET_COLUMNS = List.of("workload", "target", "reached", "verdict", "measured");

    static final List<String> CONTENDER_COLUMNS =
            List.of("contender", "version", "settings", "synced before acknowledged", "damage when read");

    private final Report report;
    private final StringBuilder text = new StringBuilder();

    public MarkdownReport(Report report) {
        this.report = report;
    }

    public String text() {
        text.append("# Durable logs, measured\n\n");
        report.machine()
                .facts()
                .forEach((name, value) -> text.append("- ")
                        .append(name)
                        .append(": ")
                        .append(value)
                        .append('\n'));
        text.append('\n').append(Report.METHOD).append('\n');
        targets();
        report.results().cells().forEach(this::cell);
        contenders();
        return text.toString();
    }

    private void targets() {
        text.append("\n## Targets\n\n");
        header(TARGET_COLUMNS);
        for (Target target : Target.of(report)) {
            row(List.of(
                    target.name(),
                    target.required(),
                    target.reached(),
                    target.verdict().words(),
                    target.beside()));
        }
    }

    private void cell(Cell cell) {
        text.append("\n## ").append(cell.heading()).append("\n\n");
        text.append(cell.workload().title()).append(". ");
        text.append("Metric: ").append(cell.workload().metric().description()).append(".\n\n");
        header(Report.COLUMNS);
        report.rows(cell).forEach(this::row);
        List<String> remarks = report.remarks(cell);
        if (!remarks.isEmpty()) {
            text.append('\n');
            remarks.forEach(remark -> text.append("- ").append(remark).append('\n'));
        }
    }

    private void contenders() {
        text.append("\n## Contenders\n\n");
        header(CONTENDER_COLUMNS);
        report.versions()
                .forEach((entrant, version) -> row(List.of(
                        entrant.name(),
                        version,
                        entrant.settings(),
                        report.proofText(entrant),
                        report.readingText(entrant))));
    }

    private void header(List<String> names) {
        row(names);
        row(Collections.nCopies(names.size(), "---"));
    }

    private void row(List<String> values) {
        text.append("| ")
                .append(String.join(
                        " | ", values.stream().map(MarkdownReport::escaped).toList()))
                .append(" |\n");
    }

    private static String escaped(String value) {
        return value.replace("|", "\\|");
    }
}
