package dev.holdfast.bench.report;

/** The overview as a file of its own, for a page that shows one picture. */
public final class OverviewChart {
    private final Report report;

    public OverviewChart(Report report) {
        this.report = report;
    }

    /** An SVG file that needs nothing else. */
    public String text() {
        String chart = Charts.overview(report);
        int inside = chart.indexOf('>') + 1;
        return chart.substring(0, inside) + "\n<style>\n" + HtmlReport.style() + "</style>" + chart.substring(inside);
    }
}
