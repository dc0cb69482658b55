package dev.holdfast.bench.report;

import java.util.ArrayList;
import java.util.List;

/** The most important results, in a few lines for a terminal. */
public final class TextReport {
    /** Number of columns, the first ones of {@link Report#COLUMNS}. */
    private static final int COLUMNS = 8;

    private static final int GAP = 2;

    private final Report report;

    public TextReport(Report report) {
        this.report = report;
    }

    public String text() {
        List<List<String>> table = new ArrayList<>();
        report.results().cells().forEach(cell -> {
            List<String> heading = new ArrayList<>(Report.COLUMNS.subList(0, COLUMNS));
            heading.set(0, cell.heading());
            table.add(heading);
            report.rows(cell).forEach(row -> table.add(row.subList(0, COLUMNS)));
            table.add(List.of());
        });
        int[] widths = new int[COLUMNS];
        for (List<String> row : table) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        StringBuilder text = new StringBuilder();
        table.forEach(row -> text.append(line(row, widths)).append('\n'));
        for (Target target : Target.of(report)) {
            if (target.verdict() != Target.Verdict.NOT_MEASURED) {
                text.append(String.join(
                                "  ", target.verdict().words(), target.name(), target.required(), target.reached()))
                        .append('\n');
            }
        }
        return text.toString();
    }

    /** Formats a row: the first column is aligned to the left, the others to the right. */
    private static String line(List<String> row, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String padding = " ".repeat(widths[i] - row.get(i).length() + GAP);
            line.append(i == 0 ? row.get(i) + padding : padding + row.get(i));
        }
        return line.toString().stripTrailing();
    }
}
