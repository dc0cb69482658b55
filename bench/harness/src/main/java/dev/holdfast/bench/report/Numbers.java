package dev.holdfast.bench.report;

import dev.holdfast.bench.run.Statistics;
import java.util.Locale;
import java.util.Optional;

/** Formats numbers with about three significant digits. */
final class Numbers {
    private Numbers() {}

    static String text(double value) {
        double size = Math.abs(value);
        if (Double.isNaN(value)) {
            return "";
        }
        String format = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }

    static String median(Optional<Statistics> statistics, double factor) {
        return statistics.map(value -> text(value.median() * factor)).orElse("");
    }
}
