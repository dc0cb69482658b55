package dev.holdfast.bench.report;

import dev.holdfast.bench.child.Timeline;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Entrant;
import dev.holdfast.bench.run.Entrant.Role;
import dev.holdfast.bench.run.Entrants;
import dev.holdfast.bench.run.Results;
import dev.holdfast.bench.run.Statistics;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.HdrHistogram.Histogram;

/** Charts as SVG. They take their colours from the style sheet of the page. */
final class Charts {
    private static final int BAR_HEIGHT = 16;
    private static final int BAR_STEP = 22;
    private static final int BARS_LEFT = 130;
    private static final int BARS_WIDTH = 220;
    private static final int BARS_RIGHT = 120;
    /** Length of the longest bar, as a multiple of the shortest, if less is better. */
    private static final double LONGEST_BAR = 6;

    private static final int CURVES_LEFT = 54;
    private static final int CURVES_WIDTH = 330;
    private static final int CURVES_HEIGHT = 230;
    private static final int CURVES_RIGHT = 150;
    private static final int TOP = 22;
    private static final int BOTTOM = 34;
    private static final int LEGEND_STEP = 15;

    private static final int TIMELINE_WIDTH = 960;
    private static final int TIMELINE_HEIGHT = 120;

    /** Labels of the axis: each step to the right is one more nine. */
    private static final List<String> PERCENTILES = List.of("p0", "p90", "p99", "p99.9", "p99.99");

    private static final double STEPS_TO_THE_RIGHT = 4;
    private static final int POINTS = 160;

    /**
     * Colours of the contenders, easy to distinguish. Those of Holdfast and of the bare disk are in the style sheet.
     */
    private static final List<String> COLOURS = List.of(
            "#1c7ed6", "#2f9e44", "#9c36b5", "#e8b009", "#0c8599", "#c2255c", "#5c940d", "#845ef7", "#a0522d",
            "#12b886", "#3b5bdb", "#f06595", "#74b816");

    private Charts() {}

    /**
     * Draws a bar for each contender. Its length is the median, and a line gives the range of the rounds. The best
     * contender is at the top. Contenders that are not durable are below all others, with the same scale.
     */
    static String bars(Results results, Cell cell) {
        boolean moreIsBetter = cell.workload().metric().moreIsBetter();
        Comparator<Entrant> byMedian = Comparator.comparingDouble(
                entrant -> results.metric(cell, entrant).map(Statistics::median).orElse(0.0));
        List<Entrant> entrants = results.entrants(cell).stream()
                .filter(entrant -> results.metric(cell, entrant).isPresent())
                .sorted(Comparator.comparing((Entrant entrant) -> entrant.role() == Role.NOT_DURABLE)
                        .thenComparing(moreIsBetter ? byMedian.reversed() : byMedian))
                .toList();
        double most = entrants.stream()
                .filter(entrant -> entrant.role() != Role.NOT_DURABLE)
                .mapToDouble(
                        entrant -> results.metric(cell, entrant).orElseThrow().most())
                .max()
                .orElse(1);
        if (!moreIsBetter && !entrants.isEmpty()) {
            // Limits the scale, because an extremely slow contender would make all other bars too short to compare.
            double best = results.metric(cell, entrants.get(0)).orElseThrow().median();
            most = Math.min(most, best * LONGEST_BAR);
        }
        StringBuilder svg = begin(BARS_LEFT + BARS_WIDTH + BARS_RIGHT, entrants.size() * BAR_STEP + TOP);
        text(svg, BARS_LEFT, 12, "start", "soft", cell.workload().metric().unit());
        if (results.first(cell, Role.DISK).isPresent()) {
            text(svg, BARS_LEFT + BARS_WIDTH + BARS_RIGHT, 12, "end", "soft", "× bare disk");
        }
        int y = TOP;
        for (Entrant entrant : entrants) {
            bar(svg, y, entrant, results.metric(cell, entrant).orElseThrow(), most, results.isDisturbed(cell, entrant));
            Optional<Statistics> toDisk =
                    results.first(cell, Role.DISK).flatMap(disk -> results.ratio(cell, entrant, disk));
            text(
                    svg,
                    BARS_LEFT + BARS_WIDTH + BARS_RIGHT,
                    y + BAR_HEIGHT / 2.0 + 4,
                    "end",
                    "strong",
                    toDisk.map(ratio -> Numbers.text(ratio.median())).orElse(""));
            y += BAR_STEP;
        }
        return end(svg);
    }

    private static void bar(
            StringBuilder svg, int y, Entrant entrant, Statistics statistics, double most, boolean disturbed) {
        double scale = BARS_WIDTH / most;
        double middle = y + BAR_HEIGHT / 2.0;
        double length = Math.min(statistics.median(), most) * scale;
        double from = Math.min(statistics.least(), most) * scale;
        double to = Math.min(statistics.most(), most) * scale;
        String strong = entrant.role() == Role.HOLDFAST ? "strong" : "";
        text(svg, BARS_LEFT - 8, middle + 4, "end", strong, entrant.name() + (disturbed ? " ~" : ""));
        svg.append(format(
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\"/>%n",
                entrant.role(), BARS_LEFT, y, length, BAR_HEIGHT));
        if (statistics.median() > most) {
            text(svg, BARS_LEFT + length - 4, middle + 4, "end", "beyond", "⟫");
        } else if (to > from) {
            svg.append(format(
                    "<path class=\"spread\" d=\"M%.1f %.1fH%.1fM%.1f %.1fv8M%.1f %.1fv8\"/>%n",
                    BARS_LEFT + from,
                    middle,
                    BARS_LEFT + to,
                    BARS_LEFT + from,
                    middle - 4,
                    BARS_LEFT + to,
                    middle - 4));
        }
        text(svg, BARS_LEFT + Math.max(length, to) + 6, middle + 4, "start", strong, Numbers.text(statistics.median()));
    }

    /**
     * Draws the latency of each contender at each percentile. Both axes are logarithmic; the axis of the percentiles
     * approaches 100.
     */
    static String percentiles(Results results, Cell cell) {
        List<Entrant> entrants = results.entrants(cell).stream()
                .filter(entrant -> entrant.role() != Role.NOT_DURABLE)
                .filter(entrant -> results.latency(cell, entrant).getTotalCount() > 0)
                .toList();
        if (entrants.isEmpty()) {
            return "";
        }
        Axis axis = latencyAxis(
                entrants.stream().flatMapToLong(entrant -> extremes(results.latency(cell, entrant))), CURVES_HEIGHT);
        int height = TOP + Math.max(CURVES_HEIGHT, entrants.size() * LEGEND_STEP) + BOTTOM;
        StringBuilder svg = begin(CURVES_LEFT + CURVES_WIDTH + CURVES_RIGHT, height);
        text(svg, CURVES_LEFT, 12, "start", "soft", "latency");
        axis.draw(svg, CURVES_LEFT, CURVES_WIDTH);
        for (int i = 0; i < PERCENTILES.size(); i++) {
            double x = CURVES_LEFT + CURVES_WIDTH * i / STEPS_TO_THE_RIGHT;
            text(svg, x, TOP + CURVES_HEIGHT + 16, "middle", "soft", PERCENTILES.get(i));
        }
        for (Entrant entrant : entrants) {
            if (entrant.role() != Role.HOLDFAST) {
                curve(svg, entrant, results.latency(cell, entrant), axis);
            }
        }
        // Drawn last, so that it is above the others.
        results.first(cell, Role.HOLDFAST)
                .filter(entrants::contains)
                .ifPresent(entrant -> curve(svg, entrant, results.latency(cell, entrant), axis));
        legend(svg, entrants);
        return end(svg);
    }

    private static LongStream extremes(Histogram latency) {
        return LongStream.of(latency.getMinValue(), latency.getValueAtPercentile(99.99));
    }

    private static void curve(StringBuilder svg, Entrant entrant, Histogram latency, Axis axis) {
        String colour = colour(entrant);
        String width = entrant.role() == Role.HOLDFAST ? " strong" : "";
        StringBuilder path = new StringBuilder();
        // A percentile finer than one call has no measurement.
        double last = Math.min(STEPS_TO_THE_RIGHT, Math.log10((double) latency.getTotalCount()));
        for (int i = 0; i <= POINTS; i++) {
            double step = last * i / POINTS;
            double percentile = 100 * (1 - Math.pow(10, -step));
            path.append(format(
                    "%s%.1f %.1f",
                    i == 0 ? "M" : "L", CURVES_LEFT + CURVES_WIDTH * step / STEPS_TO_THE_RIGHT, axis.y((double)
                            latency.getValueAtPercentile(percentile))));
        }
        svg.append(format(
                "<path class=\"curve%s\" style=\"stroke:%s\" d=\"%s\"><title>%s</title></path>%n",
                width, colour, path, HtmlReport.escaped(entrant.name())));
    }

    private static void legend(StringBuilder svg, List<Entrant> entrants) {
        int x = CURVES_LEFT + CURVES_WIDTH + 14;
        int y = TOP;
        for (Entrant entrant : entrants) {
            svg.append(format(
                    "<rect style=\"fill:%s\" x=\"%d\" y=\"%d\" width=\"12\" height=\"4\"/>%n",
                    colour(entrant), x, y + 4));
            text(svg, x + 18, y + 10, "start", entrant.role() == Role.HOLDFAST ? "strong" : "", entrant.name());
            y += LEGEND_STEP;
        }
    }

    /** Returns the colour of a contender, which is the same in every chart. */
    private static String colour(Entrant entrant) {
        return switch (entrant.role()) {
            case HOLDFAST -> "var(--ours)";
            case DISK -> "var(--disk)";
            default -> COLOURS.get(Math.floorMod(Entrants.all().indexOf(entrant), COLOURS.size()));
        };
    }

    /**
     * Draws the slowest append of each interval, with rolls and trims. Each contender has a chart, and all charts have
     * the same scale.
     */
    static String timelines(Results results, Cell cell) {
        Map<Entrant, Timeline> timelines = new LinkedHashMap<>();
        for (Entrant entrant : results.entrants(cell)) {
            results.timeline(cell, entrant).ifPresent(timeline -> timelines.put(entrant, timeline));
        }
        Axis axis = latencyAxis(
                timelines.values().stream()
                        .flatMap(timeline -> timeline.slowestNanos().stream())
                        .mapToLong(Long::longValue)
                        .filter(nanos -> nanos > 0),
                TIMELINE_HEIGHT);
        StringBuilder svgs = new StringBuilder();
        timelines.forEach((entrant, timeline) -> svgs.append(timeline(entrant, timeline, axis)));
        return svgs.toString();
    }

    private static String timeline(Entrant entrant, Timeline timeline, Axis axis) {
        int stretches = timeline.slowestNanos().size();
        StringBuilder svg = begin(CURVES_LEFT + TIMELINE_WIDTH + 20, TOP + TIMELINE_HEIGHT + BOTTOM);
        text(svg, CURVES_LEFT, 12, "start", "strong", entrant.name());
        text(
                svg,
                CURVES_LEFT + 130,
                12,
                "start",
                "soft",
                "the slowest append of each " + timeline.stretchMillis() + " ms");
        text(svg, CURVES_LEFT + TIMELINE_WIDTH - 60, 12, "end", "ROLLS", "│ new file");
        text(svg, CURVES_LEFT + TIMELINE_WIDTH, 12, "end", "TRIMS", "│ trim");
        axis.draw(svg, CURVES_LEFT, TIMELINE_WIDTH);
        double millis = (double) stretches * timeline.stretchMillis();
        for (Timeline.Mark mark : timeline.marks()) {
            svg.append(format(
                    "<path class=\"%s\" d=\"M%.1f %dv%d\"/>%n",
                    mark.event(), CURVES_LEFT + TIMELINE_WIDTH * mark.millis() / millis, TOP, TIMELINE_HEIGHT));
        }
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < stretches; i++) {
            long nanos = timeline.slowestNanos().get(i);
            if (nanos > 0) {
                double x = CURVES_LEFT + TIMELINE_WIDTH * (i + 0.5) / stretches;
                path.append(format("%s%.1f %.1f", path.length() == 0 ? "M" : "L", x, axis.y((double) nanos)));
            }
        }
        svg.append(format("<path class=\"curve\" style=\"stroke:%s\" d=\"%s\"/>%n", colour(entrant), path));
        text(
                svg,
                CURVES_LEFT + TIMELINE_WIDTH,
                TOP + TIMELINE_HEIGHT + 16,
                "end",
                "soft",
                Numbers.text(millis / 1e3) + " s");
        text(svg, CURVES_LEFT, TOP + TIMELINE_HEIGHT + 16, "start", "soft", "0");
        return end(svg);
    }

    /** A logarithmic vertical axis in powers of ten. */
    private record Axis(int from, int to, int height, DoubleUnaryOperator place) {
        double y(double nanos) {
            return place.applyAsDouble(Math.log10(Math.max(1, nanos)));
        }

        void draw(StringBuilder svg, int left, int width) {
            for (int power = from; power <= to; power++) {
                double y = place.applyAsDouble(power);
                svg.append(format("<path class=\"axis\" d=\"M%d %.1fh%d\"/>%n", left, y, width));
                text(svg, left - 6, y + 4, "end", "soft", duration(power));
            }
        }
    }

    private static Axis latencyAxis(LongStream nanos, int height) {
        long[] values = nanos.toArray();
        long least = LongStream.of(values).min().orElse(1_000);
        long most = LongStream.of(values).max().orElse(1_000_000);
        int from = (int) Math.floor(Math.log10((double) Math.max(1, least)));
        int to = Math.max(from + 1, (int) Math.ceil(Math.log10((double) Math.max(1, most))));
        return new Axis(from, to, height, power -> TOP + height - height * (power - from) / (to - from));
    }

    private static String duration(int power) {
        String[] units = {"ns", "µs", "ms", "s"};
        int unit = Math.min(units.length - 1, power / 3);
        return (long) Math.pow(10, power - 3 * unit) + " " + units[unit];
    }

    static StringBuilder begin(int width, int height) {
        return new StringBuilder(format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">%n",
                width, height, width, height));
    }

    static String end(StringBuilder svg) {
        return svg.append("</svg>\n").toString();
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String style, String words) {
        svg.append(format(
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" class=\"%s\">%s</text>%n",
                x, y, anchor, style, HtmlReport.escaped(words)));
    }

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format.replace("%n", "\n"), values);
    }
}
