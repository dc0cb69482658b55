package dev.holdfast.bench.run;

import java.util.Locale;
import java.util.Optional;

/**
 * A workload with one set of parameters. The runs of all contenders in a cell are compared with each other.
 *
 * @param depth number of callers, records in a batch, records in flight, logs (W15), silences (W16) or segments (W17)
 * @param peers the peers that take part
 * @param logBytes bytes of data to write first, if the workload needs a log, or at which a growing log ends
 * @param trimEveryBytes bytes of appended data between two trims; 0 never trims
 * @param rate the rate of the calls, if they are due at a rate
 * @param disk the disk that holds the log
 */
public record Cell(
        Workload workload,
        int recordBytes,
        int depth,
        Peers peers,
        long warmUpMillis,
        long millis,
        long logBytes,
        long trimEveryBytes,
        Optional<Rate> rate,
        Disk disk) {

    private static final long LONG_MILLIS = 60_000;
    private static final long LONG_LOG_BYTES = 1L << 30;

    /** The peers that take part in a cell. */
    public enum Peers {
        /** No peers. */
        NONE,
        /** All peers. */
        ALL,
        /** The best two peers of the earlier cells in which all peers took part. */
        BEST,
        /** All peers that detect damage. */
        CHECKED,
        /** The best two peers that detect damage. */
        BEST_CHECKED
    }

    /** The disk that holds the logs of a cell. */
    public enum Disk {
        /** The file system of the directory that is measured. */
        PLAIN,
        /** An ext4 file system with a journal, in a file of that directory. */
        JOURNALED
    }

    /** Creates a cell whose calls follow one another, on the plain disk. */
    public Cell(
            Workload workload,
            int recordBytes,
            int depth,
            Peers peers,
            long warmUpMillis,
            long millis,
            long logBytes,
            long trimEveryBytes) {
        this(
                workload,
                recordBytes,
                depth,
                peers,
                warmUpMillis,
                millis,
                logBytes,
                trimEveryBytes,
                Optional.empty(),
                Disk.PLAIN);
    }

    /** Returns this cell with calls that are due at a rate. */
    public Cell at(Rate due) {
        return with(Optional.of(due), disk);
    }

    /** Returns this cell on another disk. */
    public Cell on(Disk other) {
        return with(rate, other);
    }

    private Cell with(Optional<Rate> newRate, Disk newDisk) {
        return new Cell(
                workload, recordBytes, depth, peers, warmUpMillis, millis, logBytes, trimEveryBytes, newRate, newDisk);
    }

    /** Returns whether another cell measures the same calls in a log in steady use. */
    boolean isSteadyIn(Cell other) {
        return workload.whenSteady().equals(Optional.of(other.workload))
                && recordBytes == other.recordBytes
                && depth == other.depth
                && disk == other.disk;
    }

    /** Returns whether another cell measures the same callers without futures. */
    boolean isBlockingIn(Cell other) {
        return workload == Workload.W2_FUTURES
                && other.workload == Workload.W2
                && recordBytes == other.recordBytes
                && depth == other.depth;
    }

    /** Returns whether another cell measures the highest rate of the callers whose rate this cell fixes. */
    boolean isLimitedBy(Cell other) {
        return rate.isPresent()
                && other.workload == Workload.W13_MAXIMUM
                && recordBytes == other.recordBytes
                && depth == other.depth
                && disk == other.disk;
    }

    /** Returns whether another cell measures the same with fewer logs (W15) or segments (W17). */
    boolean isLargerThan(Cell other) {
        return workload == other.workload && recordBytes == other.recordBytes && depth > other.depth;
    }

    /**
     * Returns whether another cell is one of those that decide which peers are the best for this one. For calls at a
     * rate, this is the cell that measured the highest rate; otherwise each cell in which all peers took part.
     */
    boolean takesTheBestOf(Cell other) {
        return rate.isPresent() ? isLimitedBy(other) : other.peers == Peers.ALL;
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
        return (disk == Disk.JOURNALED ? "with a journal, " : "") + words() + ", " + Sizes.text(recordBytes)
                + (workload == Workload.W7 ? " records" : "");
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
            case W2_FUTURES -> depth + " callers with futures";
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
            case W12_BATCHES -> "growing, batches of " + depth;
            case W12_CALLERS -> "growing, " + depth + " callers";
            case W12_IN_FLIGHT -> String.format(Locale.ROOT, "growing, %,d in flight", depth);
            case W13_MAXIMUM -> "growing, " + depth + " callers, no fixed rate";
            case W13 ->
                "growing, " + depth + " callers"
                        + rate.map(due -> ", " + due.words()).orElse("");
            case W14 -> "growing, 1 caller";
            case W15 -> String.format(Locale.ROOT, "%,d", depth) + (depth == 1 ? " log" : " logs") + " in a process";
            case W16 -> "append to reader in another process";
            case W17 -> String.format(Locale.ROOT, "a log of %,d segments", depth);
        };
    }
}
