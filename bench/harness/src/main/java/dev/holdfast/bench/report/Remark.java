package dev.holdfast.bench.report;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Workload;

/** Additional figures that only some workloads have. */
enum Remark {
    ALLOCATED(Figure.ALLOCATED_BYTES_PER_RECORD, 1, "bytes of heap allocated by the caller for each record"),
    APPEND_ALONE(Figure.APPEND_P50_NANOS, 1e-3, "µs for an append alone (p50)"),
    GROWTH(Figure.GROWTH_BYTES, 1, "bytes by which the directory grew"),
    SPARE_WAITS(
            Figure.SPARE_WAITS,
            1,
            "appends that waited for a spare segment, in the whole run, or in the window of an open loop"),
    WRITTEN(Figure.WRITTEN_BYTES_PER_BYTE, 1, "bytes written to the device per byte of data, in the second half"),
    STALL(Figure.LONGEST_STALL_NANOS, 1e-6, "ms for the longest stall of an appender"),
    DUE(Figure.DUE_PER_SECOND, 1, "calls due per second"),
    IDLE_THREADS(Figure.IDLE_THREADS, 1, "threads of all logs together while they are idle"),
    IDLE_FILES(Figure.IDLE_FILES, 1, "open files of an idle log"),
    IDLE_BYTES(Figure.IDLE_BYTES, 1.0 / (1 << 20), "MiB on disk of a log without records"),
    LAST(Figure.LAST_BEFORE_SILENCE_NANOS, 1e-6, "ms at most until the reader has the last record before a silence"),
    IDLE_CPU(Figure.IDLE_CPU_NANOS_PER_SECOND, 1e-6, "ms of CPU time per second of the idle reader"),
    IDLE_WAKE_UPS(Figure.IDLE_WAKE_UPS_PER_SECOND, 1, "times per second that the idle reader wakes up"),
    TRIM(Figure.TRIM_P50_NANOS, 1e-3, "µs for a trim of 16 segments (p50)"),
    TRIM_SEGMENT(Figure.TRIM_SEGMENT_NANOS, 1e-3, "µs per segment for a trim of half of the segments"),
    LONGEST_DURING_TRIM(Figure.LONGEST_DURING_TRIM_NANOS, 1e-6, "ms for the longest append during that trim"),
    OPEN_SEGMENT(Figure.OPEN_SEGMENT_NANOS, 1e-3, "µs per segment for an opening"),
    OPEN_SEGMENT_READ_ONLY(Figure.OPEN_SEGMENT_READ_ONLY_NANOS, 1e-3, "µs per segment for an opening, read-only"),
    OPEN_TO_HALF(Figure.OPEN_TO_HALF, 1, "× the time per segment of an opening with half of the segments"),
    READ(Figure.READ_NANOS, 1e-3, "µs for a read of a single record of up to 1,000 segments"),
    READ_FILES(Figure.READ_FILES, 1, "open files of the log after these reads"),
    AFTER_KILL(Figure.OPEN_AFTER_KILL_NANOS, 1e-6, "ms for the first opening after a kill"),
    SEEN(Figure.SEEN_AFTER_ACKNOWLEDGED_P50_NANOS, 1e-3, "µs from the acknowledgement to the reader (p50)");

    private final Figure figure;
    private final double factor;
    private final String words;

    Remark(Figure figure, double factor, String words) {
        this.figure = figure;
        this.factor = factor;
        this.words = words;
    }

    Figure figure() {
        return figure;
    }

    /** Returns whether the figure is a remark in a cell, not what the cell compares. */
    boolean isBesideTheMetric(Cell cell) {
        return this != WRITTEN || cell.workload().metric() != Workload.Metric.WRITTEN_PER_BYTE;
    }

    String text(Cell cell, double value) {
        boolean reads = this == ALLOCATED && cell.workload() == Workload.W6_ANYWHERE;
        return Numbers.text(value * factor) + " " + (reads ? words.replace("record", "read") : words);
    }
}
