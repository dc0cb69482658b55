package dev.holdfast.bench.report;

import static dev.holdfast.bench.report.Charts.format;

import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrant.Role;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Statistics;
import java.util.List;
import java.util.Optional;

/**
 * The overview of all workloads as one SVG picture, with Holdfast, the bare disk and the best peer on one logarithmic
 * axis.
 *
 * <p>The picture has a background of its own, and each element has its colours and fonts as attributes. The picture is
 * therefore legible on a light and on a dark page, and in a converter that ignores style sheets. Style sheets only
 * refine the colours.
 */
public final class OverviewChart {
    private static final String FONT = "system-ui, 'DejaVu Sans', sans-serif";
    private static final String INK = "#1c2430";
    private static final String SOFT = "#5b6472";
    private static final String LINE = "#d8dde5";
    private static final String CARD = "#ffffff";
    private static final String OURS = "#d9480f";
    private static final String DISK = "#6b7280";
    private static final String PEER = "#1c6fc4";

    private static final int MARGIN = 20;
    private static final int LABELS_RIGHT = 296;
    private static final int LEFT = 310;
    private static final int POWER_WIDTH = 58;
    /** The axis begins at 1/16. */
    private static final int LEAST_POWER = -4;
    /** The axis ends at 8. */
    private static final int MOST_POWER = 3;

    private static final int RIGHT = LEFT + (MOST_POWER - LEAST_POWER) * POWER_WIDTH;
    private static final int DISK_COLUMN = RIGHT + 62;
    private static final int PEER_COLUMN = DISK_COLUMN + 78;
    private static final int PEER_NAMES = PEER_COLUMN + 8;
    private static final int WIDTH = PEER_NAMES + 142;

    private static final int TITLE = 30;
    private static final int LEGEND = 56;
    private static final int HEADINGS = 88;
    private static final int TOP = 98;
    private static final int STEP = 22;
    private static final int BOTTOM = 62;

    private final Report report;
    private final Results results;

    public OverviewChart(Report report) {
        this.report = report;
        this.results = report.results();
    }

    /** Returns an SVG file that needs no other file. */
    public String text() {
        String chart = svg();
        int inside = chart.indexOf('>') + 1;
        String style = "\n<style>\n" + HtmlReport.resource("overview.css") + "</style>";
        return chart.substring(0, inside) + style + chart.substring(inside);
    }

    /** Returns the SVG element alone, for a page with a style sheet. */
    String svg() {
        List<Cell> cells = results.cells().stream()
                .filter(cell -> against(cell, Role.DISK).isPresent()
                        || against(cell, Role.PEER).isPresent())
                .toList();
        int bottom = TOP + cells.size() * STEP;
        StringBuilder svg = Charts.begin(WIDTH, bottom + BOTTOM);
        svg.append(format(
                "<rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\" stroke=\"%s\"/>%n",
                WIDTH - 1, bottom + BOTTOM - 1, CARD, LINE));
        svg.append(legend());
        axis(svg, bottom);
        for (int i = 0; i < cells.size(); i++) {
            row(svg, cells.get(i), TOP + (i + 0.5) * STEP);
        }
        return Charts.end(svg);
    }

    /** Returns title, legend and column headings, which are the same in each picture. */
    private static String legend() {
        StringBuilder svg = new StringBuilder("<g class=\"legend\">\n");
        svg.append(format(
                "<text class=\"title\" x=\"%d\" y=\"%d\" %s font-weight=\"700\">%s</text>%n",
                MARGIN,
                TITLE,
                font(15, INK),
                "Holdfast compared with the bare disk and with the best of the other logs"));
        int y = LEGEND - 4;
        svg.append(format(
                "<path class=\"one\" d=\"M%d %dV%d\" stroke=\"%s\" stroke-width=\"2\" fill=\"none\"/>%n",
                MARGIN + 4, y - 8, y + 8, OURS));
        text(svg, MARGIN + 16, LEGEND, "start", "", "Holdfast (always at 1×)");
        mark(svg, Role.DISK, MARGIN + 194, y, "");
        text(svg, MARGIN + 206, LEGEND, "start", "", "bare disk (synced writes without a log)");
        mark(svg, Role.PEER, MARGIN + 466, y, "");
        text(svg, MARGIN + 478, LEGEND, "start", "", "best other log (named on the right)");
        arrow(svg, Role.DISK, MARGIN + 710, y, -1, "");
        text(svg, MARGIN + 722, LEGEND, "start", "", "beyond the scale");
        text(svg, x(1) - 10, HEADINGS, "end", "soft", "← worse than Holdfast");
        text(svg, x(1) + 10, HEADINGS, "start", "soft", "better than Holdfast →");
        text(svg, DISK_COLUMN - 55, HEADINGS - 15, "start", "soft", "Holdfast is this many times as good as");
        text(svg, DISK_COLUMN, HEADINGS, "end", "soft", "bare disk");
        text(svg, PEER_NAMES, HEADINGS, "start", "soft", "best other log");
        return svg.append("</g>\n").toString();
    }

    private static void axis(StringBuilder svg, int bottom) {
        for (int power = LEAST_POWER; power <= MOST_POWER; power++) {
            double factor = Math.pow(2, power);
            boolean one = power == 0;
            svg.append(format(
                    "<path class=\"%s\" d=\"M%.1f %dV%d\" stroke=\"%s\" stroke-width=\"%d\" fill=\"none\"/>%n",
                    one ? "one" : "axis", x(factor), TOP - 4, bottom + 4, one ? OURS : LINE, one ? 2 : 1));
            String words = power < 0 ? "1/" + Math.round(1 / factor) : String.valueOf(Math.round(factor));
            text(svg, x(factor), bottom + 20, "middle", "soft", words + "×");
        }
        text(
                svg,
                MARGIN,
                bottom + 44,
                "start",
                "soft",
                "The axis is the performance relative to Holdfast. Further right is better: 2× means twice the throughput, half the time or half the bytes.");
    }

    private void row(StringBuilder svg, Cell cell, double y) {
        text(svg, LABELS_RIGHT, y + 4, "end", "", cell.label());
        against(cell, Role.PEER).ifPresent(peer -> {
            svg.append(format(
                    "<path class=\"reach\" d=\"M%.1f %.1fH%.1f\" stroke=\"%s\" stroke-width=\"2\" stroke-opacity=\"0.4\" fill=\"none\"/>%n",
                    x(1), y, x(1 / peer.factor()), PEER));
            text(svg, PEER_COLUMN, y + 4, "end", "", Numbers.text(peer.factor()) + " ×");
            text(svg, PEER_NAMES, y + 4, "start", "soft", peer.other().name());
        });
        against(cell, Role.DISK).ifPresent(disk -> {
            text(svg, DISK_COLUMN, y + 4, "end", "", Numbers.text(disk.factor()) + " ×");
            place(svg, Role.DISK, disk, y);
        });
        against(cell, Role.PEER).ifPresent(peer -> place(svg, Role.PEER, peer, y));
    }

    /** The factor by which Holdfast is better than another contender. */
    private record Comparison(Entrant other, double factor) {}

    private Optional<Comparison> against(Cell cell, Role role) {
        Optional<Entrant> other = role == Role.PEER ? report.comparable(cell) : results.first(cell, role);
        return results.first(cell, Role.HOLDFAST)
                .flatMap(holdfast -> other.flatMap(entrant -> results.ratio(cell, holdfast, entrant)
                        .map(Statistics::median)
                        .filter(ratio -> ratio > 0)
                        .map(ratio ->
                                new Comparison(entrant, cell.workload().metric().moreIsBetter() ? ratio : 1 / ratio))));
    }

    /** Draws a contender at its performance relative to Holdfast, or an arrow at the end of the axis. */
    private static void place(StringBuilder svg, Role role, Comparison comparison, double y) {
        double relative = 1 / comparison.factor();
        String tip = "Holdfast is " + Numbers.text(comparison.factor()) + " × as good as "
                + comparison.other().name();
        double power = power(relative);
        if (power < LEAST_POWER || power > MOST_POWER) {
            arrow(svg, role, x(relative), y, power < 0 ? -1 : 1, tip);
        } else {
            mark(svg, role, x(relative), y, tip);
        }
    }

    /** Draws a square for the bare disk and a circle for a peer, so that the two differ without colours, too. */
    private static void mark(StringBuilder svg, Role role, double x, double y, String tip) {
        String title = title(tip);
        svg.append(
                role == Role.DISK
                        ? format(
                                "<rect class=\"DISK\" x=\"%.1f\" y=\"%.1f\" width=\"9\" height=\"9\" fill=\"%s\">%s</rect>%n",
                                x - 4.5, y - 4.5, DISK, title)
                        : format(
                                "<circle class=\"PEER\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\">%s</circle>%n",
                                x, y, PEER, title));
    }

    private static void arrow(StringBuilder svg, Role role, double x, double y, int direction, String tip) {
        svg.append(format(
                "<path class=\"%s\" d=\"M%.1f %.1fl%d -6v12z\" fill=\"%s\">%s</path>%n",
                role, x - 5 * direction * -1, y, -10 * direction, role == Role.DISK ? DISK : PEER, title(tip)));
    }

    private static String title(String tip) {
        return tip.isEmpty() ? "" : "<title>" + HtmlReport.escaped(tip) + "</title>";
    }

    private static double power(double relative) {
        return Math.log(relative) / Math.log(2);
    }

    /** Returns the position of a value on the axis. A value beyond the axis is drawn at its end. */
    private static double x(double relative) {
        double power = Math.max(LEAST_POWER, Math.min(MOST_POWER, power(relative)));
        return LEFT + POWER_WIDTH * (power - LEAST_POWER);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String style, String words) {
        svg.append(format(
                "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>%n",
                style, x, y, anchor, font(12, style.equals("soft") ? SOFT : INK), HtmlReport.escaped(words)));
    }

    private static String font(int size, String colour) {
        return "font-family=\"" + FONT + "\" font-size=\"" + size + "\" fill=\"" + colour + "\"";
    }
}
