package dev.holdfast.bench.report;

import dev.holdfast.bench.child.Figure;
import dev.holdfast.bench.run.Cell;
import dev.holdfast.bench.run.Workload;

/** Additional figures that only some workloads have. */
enum Remark {
    ALLOCATED(Figure.ALLOCATED_BYTES_PER_RECORD, 1, "bytes of heap allocated by the caller for each record"),
    APPEND_ALONE(Figure.APPEND_P50_NANOS, 1e-3, "µs for an append alone (p50)"),
    GROWTH(Figure.GROWTH_BYTES, 1, "bytes by which the directory grew"),
    SPARE_WAITS(Figure.SPARE_WAITS, 1, "appends that waited for a spare segment, in the whole run"),
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

    String text(Cell cell, double value) {
        boolean reads = this == ALLOCATED && cell.workload() == Workload.W6_ANYWHERE;
        return Numbers.text(value * factor) + " " + (reads ? words.replace("record", "read") : words);
    }
}
