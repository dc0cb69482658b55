package dev.holdfast.cli.demo;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramIterationValue;

/** Part 3 of the demo: measures the latency of a durable append by one caller on this disk. */
final class DiskLatency {
    static final int RECORD_BYTES = 1024;

    private static final long LONGEST_NANOS = 60_000_000_000L;
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final int BAR_CHARACTERS = 40;
    /** Upper bound of the first row of the histogram. Each further row has twice the bound of the previous row. */
    private static final long FIRST_ROW_NANOS = 32_000;

    private final Histogram histogram = new Histogram(LONGEST_NANOS, SIGNIFICANT_DIGITS);
    private long nanos;

    /** Appends for the given time. Only the second half is counted, because the first half warms up the JVM. */
    void measure(Path directory, Duration duration) throws IOException {
        byte[] record = new byte[RECORD_BYTES];
        try (Log log = FileLog.open(directory)) {
            append(log, record, duration.toNanos() / 2);
            histogram.reset();
            nanos = append(log, record, duration.toNanos() / 2);
        }
    }

    private long append(Log log, byte[] record, long forNanos) throws IOException {
        long start = System.nanoTime();
        long before = start;
        while (before - start < forNanos) {
            log.append(record);
            long after = System.nanoTime();
            histogram.recordValue(Math.min(after - before, LONGEST_NANOS));
            before = after;
        }
        return before - start;
    }

    void print(Consumer<String> print) {
        print.accept(String.format(
                Locale.ROOT,
                "%.0f appends per second; p50 %d us, p99 %d us, p99.9 %d us, longest %d us",
                histogram.getTotalCount() * 1e9 / nanos,
                micros(histogram.getValueAtPercentile(50)),
                micros(histogram.getValueAtPercentile(99)),
                micros(histogram.getValueAtPercentile(99.9)),
                micros(histogram.getMaxValue())));
        for (HistogramIterationValue row : histogram.logarithmicBucketValues(FIRST_ROW_NANOS, 2)) {
            double share = (double) row.getCountAddedInThisIterationStep() / histogram.getTotalCount();
            print.accept(String.format(
                            Locale.ROOT,
                            "up to %7d us %6.2f%% %s",
                            micros(row.getValueIteratedTo()),
                            100 * share,
                            "#".repeat((int) Math.ceil(share * BAR_CHARACTERS)))
                    .stripTrailing());
        }
    }

    private static long micros(long nanos) {
        return Math.round(nanos / 1e3);
    }
}
