package dev.holdfast.bench.report;

import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Workload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The report as one HTML file without scripts, fonts or external pictures. */
public final class HtmlReport {
    private final Report report;
    private final Results results;
    private final StringBuilder html = new StringBuilder();

    public HtmlReport(Report report) {
        this.report = report;
        this.results = report.results();
    }

    public String text() {
        html.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
                .append("<meta name=\"viewport\" content=\"width=device-width\">\n")
                .append("<title>Durable logs, measured</title>\n<style>\n")
                .append(resource("report.css"))
                .append("</style>\n</head>\n<body>\n<h1>Durable logs, measured</h1>\n");
        machine();
        overview();
        targets();
        Map<Workload, List<Cell>> byWorkload = new LinkedHashMap<>();
        results.cells()
                .forEach(cell -> byWorkload
                        .computeIfAbsent(cell.workload(), workload -> new ArrayList<>())
                        .add(cell));
        byWorkload.values().forEach(this::workload);
        contenders();
        html.append("<h2>Method</h2>\n");
        paragraph(Report.METHOD.replace('\n', ' '));
        return html.append("</body>\n</html>\n").toString();
    }

    /** Returns the text of a resource in the package of this class. */
    static String resource(String name) {
        try (InputStream file = HtmlReport.class.getResourceAsStream(name)) {
            if (file == null) {
                throw new IllegalStateException(name + " is missing beside " + HtmlReport.class);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void machine() {
        html.append("<dl>");
        report.machine()
                .facts()
                .forEach((name, value) -> html.append("<div><dt>")
                        .append(escaped(name))
                        .append("</dt><dd>")
                        .append(escaped(value))
                        .append("</dd></div>"));
        html.append("</dl>\n");
    }

    private void overview() {
        html.append("<h2>At a glance</h2>\n");
        paragraph(
                "Holdfast, the bare disk and the best peer in each workload. For reading, only peers that detect damage are compared.");
        html.append("<figure>").append(new OverviewChart(report).svg()).append("</figure>\n");
    }

    private void targets() {
        html.append("<h2>Targets</h2>\n<div class=\"wide\"><table>\n");
        row("th", MarkdownReport.TARGET_COLUMNS, "words");
        for (Target target : Target.of(report)) {
            row(
                    "td",
                    List.of(
                            target.name(),
                            target.required(),
                            target.reached(),
                            target.verdict().words(),
                            target.beside()),
                    "words " + target.verdict());
        }
        html.append("</table></div>\n");
    }

    /** Adds all cells of one workload: the charts next to each other, the tables collapsed. */
    private void workload(List<Cell> cells) {
        Workload workload = cells.get(0).workload();
        html.append("<h2><span class=\"number\">")
                .append(workload.number())
                .append("</span> ")
                .append(escaped(workload.title()))
                .append("</h2>\n");
        paragraph("Metric: " + workload.metric().description() + ".");
        html.append("<div class=\"charts\">\n");
        cells.forEach(cell -> figure(cell.name(), Charts.bars(results, cell)));
        if (workload.hasCalls()) {
            cells.forEach(cell -> figure(cell.name() + ": latency by percentile", Charts.percentiles(results, cell)));
        }
        html.append("</div>\n");
        if (workload == Workload.W10) {
            cells.forEach(cell -> figure(cell.name() + ": over time", Charts.timelines(results, cell)));
        }
        cells.forEach(this::table);
    }

    private void figure(String name, String svg) {
        if (!svg.isEmpty()) {
            html.append("<figure><figcaption>")
                    .append(escaped(name))
                    .append("</figcaption>\n")
                    .append(svg)
                    .append("</figure>\n");
        }
    }

    private void table(Cell cell) {
        html.append("<details><summary>")
                .append(escaped(cell.name()))
                .append(": all numbers</summary>\n<div class=\"wide\"><table>\n");
        row("th", Report.COLUMNS, "");
        report.rows(cell).forEach(row -> row("td", row, ""));
        html.append("</table></div>\n");
        List<String> remarks = report.remarks(cell);
        if (!remarks.isEmpty()) {
            html.append("<ul>");
            remarks.forEach(
                    remark -> html.append("<li>").append(escaped(remark)).append("</li>"));
            html.append("</ul>\n");
        }
        html.append("</details>\n");
    }

    private void contenders() {
        html.append("<h2>Contenders</h2>\n<div class=\"wide\"><table>\n");
        row("th", MarkdownReport.CONTENDER_COLUMNS, "words");
        report.versions()
                .forEach((entrant, version) -> row(
                        "td",
                        List.of(
                                entrant.name(),
                                version,
                                entrant.settings(),
                                report.proofText(entrant),
                                report.readingText(entrant)),
                        "words"));
        html.append("</table></div>\n");
    }

    private void paragraph(String words) {
        html.append("<p>").append(escaped(words)).append("</p>\n");
    }

    private void row(String element, List<String> values, String style) {
        html.append(style.isEmpty() ? "<tr>" : "<tr class=\"" + style + "\">");
        for (String value : values) {
            html.append('<').append(element).append('>').append(escaped(value));
            html.append("</").append(element).append('>');
        }
        html.append("</tr>\n");
    }

    static String escaped(String words) {
        return words.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
