package dev.holdfast.bench.run;

/**
 * A workload in one size: every contender's rounds of it are compared with each other.
 *
 * @param depth callers, records in a batch, or records in flight
 * @param peers which of them take part
 * @param logBytes data to write first, where the workload needs a log
 * @param trimEveryBytes 0 never trims
 */
public record Cell(
        Workload workload,
        int recordBytes,
        int depth,
        Peers peers,
        long warmUpMillis,
        long millis,
        long logBytes,
        long trimEveryBytes) {

    private static final long LONG_MILLIS = 60_000;
    private static final long LONG_LOG_BYTES = 1L << 30;

    /** Which peers take part. */
    public enum Peers {
        /** All. */
        ALL,
        /** The best two of the cells before in which all took part. */
        BEST,
        /** All that notice damage. */
        CHECKED,
        /** The best two of those. */
        BEST_CHECKED
    }

    /**
     * True for one that is measured in the first round only: it has much time, or opens a large log again and again.
     */
    boolean isLong() {
        return millis >= LONG_MILLIS || (workload == Workload.W7 && logBytes >= LONG_LOG_BYTES);
    }

    /** Such as {@code W3 of 64, 16 KiB}. */
    public String name() {
        return workload.number() + depthText() + ", " + Sizes.text(recordBytes) + logText();
    }

    private String depthText() {
        return switch (workload) {
            case W2 -> " with " + depth + " callers";
            case W2_VIRTUAL -> String.format(java.util.Locale.ROOT, " with %,d virtual threads", depth);
            case W3 -> " of " + depth;
            case W4 -> String.format(java.util.Locale.ROOT, " with %,d in flight", depth);
            case W6_ANYWHERE -> " at random";
            case W8_GROWING -> " growing";
            case W8_STEADY -> " in steady state";
            default -> "";
        };
    }

    private String logText() {
        return workload == Workload.W7 ? " records, " + Sizes.text(logBytes) : "";
    }
}
