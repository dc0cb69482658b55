package dev.holdfast.bench.run;

import java.util.Locale;

/**
 * A workload with one set of parameters. The runs of all contenders in a cell are compared with each other.
 *
 * @param depth number of callers, records in a batch, or records in flight
 * @param peers the peers that take part
 * @param logBytes bytes of data to write first, if the workload needs a log
 * @param trimEveryBytes bytes of appended data between two trims; 0 never trims
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

    /** The peers that take part in a cell. */
    public enum Peers {
        /** All peers. */
        ALL,
        /** The best two peers of the earlier cells in which all peers took part. */
        BEST,
        /** All peers that detect damage. */
        CHECKED,
        /** The best two peers that detect damage. */
        BEST_CHECKED
    }

    /**
     * Returns whether the cell is measured only in the first round, because it takes long or opens a large log
     * repeatedly.
     */
    boolean isLong() {
        return millis >= LONG_MILLIS || (workload == Workload.W7 && logBytes >= LONG_LOG_BYTES);
    }

    /** Returns what is measured, such as {@code 1 caller, batches of 64, 16 KiB}. */
    public String name() {
        return words() + ", " + Sizes.text(recordBytes) + (workload == Workload.W7 ? " records" : "");
    }

    /** Returns the name with the number of the workload, such as {@code 64 callers, 1 KiB (W2)}. */
    public String heading() {
        return name() + " (" + workload.number() + ")";
    }

    /** Returns the name with what is compared, such as {@code 1 caller, 1 KiB, latency}. */
    public String label() {
        return name() + ", " + workload.metric().words();
    }

    private String words() {
        return switch (workload) {
            case W1 -> "1 caller";
            case W2 -> depth + " callers";
            case W2_VIRTUAL -> String.format(Locale.ROOT, "%,d virtual threads", depth);
            case W2_HOOKS -> depth + " callers with commit hooks";
            case W3 -> "1 caller, batches of " + depth;
            case W4 -> String.format(Locale.ROOT, "1 caller, %,d in flight", depth);
            case W5 -> "1 caller, not synced";
            case W6_BACK -> "reading all records";
            case W6_ANYWHERE -> "reading in random order";
            case W7 -> "opening a log of " + Sizes.text(logBytes);
            case W8_GROWING -> "growing log";
            case W8_STEADY -> "trimmed log";
            case W9 -> "append to waiting reader";
            case W10 -> "appends during trims";
            case W11 -> "truncate and append";
        };
    }
}
