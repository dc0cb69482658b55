package dev.holdfast.bench.report;

import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Workload;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The report as one HTML file: no script, no font, no picture from elsewhere. */
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
                .append(style())
                .append("</style>\n</head>\n<body>\n<h1>Durable logs, measured</h1>\n");
        machine();
        paragraph(Report.METHOD);
        targets();
        results.cells().forEach(this::cell);
        contenders();
        return html.append("</body>\n</html>\n").toString();
    }

    private static String style() {
        try (InputStream css = HtmlReport.class.getResourceAsStream("report.css")) {
            if (css == null) {
                throw new IllegalStateException("report.css is missing beside " + HtmlReport.class);
            }
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void machine() {
        html.append("<dl>");
        report.machine().facts().forEach((name, value) -> html.append("<dt>")
                .append(escaped(name))
                .append("</dt><dd>")
                .append(escaped(value))
                .append("</dd>"));
        html.append("</dl>\n");
    }

    private void targets() {
        html.append("<h2>Targets</h2>\n<div class=\"wide\"><table>\n");
        row("th", List.of("workload", "target", "reached", ""), "");
        for (Target target : Target.of(results)) {
            String verdict = target.passed() ? "passed" : "missed";
            row("td", List.of(target.name(), target.required(), Numbers.text(target.reached()), verdict), verdict);
        }
        html.append("</table></div>\n");
    }

    private void cell(Cell cell) {
        html.append("<h2>").append(escaped(cell.name())).append("</h2>\n");
        paragraph(cell.workload().title() + ": " + cell.workload().metric().unit() + ", "
                + (cell.workload().metric().moreIsBetter() ? "more is better" : "less is better"));
        html.append("<div class=\"charts\">\n");
        html.append(Charts.bars(results, cell));
        if (cell.workload() != Workload.W6_BACK && cell.workload() != Workload.W7) {
            html.append(Charts.percentiles(results, cell));
        }
        results.entrants(cell).forEach(entrant -> results.timeline(cell, entrant)
                .filter(timeline -> cell.workload() == Workload.W10)
                .ifPresent(timeline -> html.append(Charts.timeline(entrant, timeline))));
        html.append("</div>\n<div class=\"wide\"><table>\n");
        row("th", Report.COLUMNS, "");
        report.rows(cell).forEach(row -> row("td", row, ""));
        html.append("</table></div>\n");
        List<String> remarks = report.remarks(cell);
        if (!remarks.isEmpty()) {
            html.append("<ul>");
            remarks.forEach(remark -> html.append("<li>").append(escaped(remark)).append("</li>"));
            html.append("</ul>\n");
        }
    }

    private void contenders() {
        html.append("<h2>Contenders</h2>\n<div class=\"wide\"><table>\n");
        row("th", List.of("contender", "version", "settings", "synced before acknowledged"), "");
        report.versions()
                .forEach((entrant, version) -> row(
                        "td",
                        List.of(
                                entrant.name(),
                                version,
                                entrant.settings(),
                                report.proofText(entrant)),
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
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
