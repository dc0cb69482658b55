package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.DiskStep;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Counts of everything that one or more {@link Explorer}s have done. */
public final class Statistics {
    /** Counts for one group of workloads. */
    private static final class Row {
        private long workloads;
        private long faults;
        private long points;
        private long images;
        private long distinct;
        private long exhaustive;

        private void add(Row other) {
            workloads += other.workloads;
            faults += other.faults;
            points += other.points;
            images += other.images;
            distinct += other.distinct;
            exhaustive += other.exhaustive;
        }

        @Override
        public String toString() {
            return String.format(
                    "%9d runs %9d faults %9d points %10d images %10d distinct, %10d of them exhaustive",
                    workloads, faults, points, images, distinct, exhaustive);
        }
    }

    private final Map<String, Row> rows = new TreeMap<>();
    private final Map<String, Row> imagesByStep = new TreeMap<>();
    private final Row all = new Row();
    private Row row = new Row();
    private long startNanos = System.nanoTime();
    private long kills;
    private long repeated;
    private long damages;
    private long refused;

    Statistics() {}

    /** Starts counting for this group of workloads. */
    void begin(String name) {
        row = rows.computeIfAbsent(name, ignored -> new Row());
    }

    void workload(int crashPoints) {
        row.workloads++;
        row.points += crashPoints;
        all.workloads++;
        all.points += crashPoints;
    }

    void fault() {
        row.faults++;
        all.faults++;
    }

    /**
     * Counts an image: a disk on which a log is opened.
     *
     * @param isNew whether no equal disk was created before
     * @param isExhaustive whether the disk is the first of its content from a crash point that is explored in every way
     */
    void image(String step, boolean kill, boolean isNew, boolean isExhaustive) {
        kills += kill ? 1 : 0;
        Row ofStep = imagesByStep.computeIfAbsent(step, ignored -> new Row());
        for (Row counted : new Row[] {row, ofStep, all}) {
            counted.images++;
            counted.distinct += isNew ? 1 : 0;
            counted.exhaustive += isExhaustive ? 1 : 0;
        }
    }

    void repeated() {
        repeated++;
    }

    /**
     * Counts an image that becomes exhaustive: an equal disk was created by chance before, and now a crash point that
     * is explored in every way creates the disk again.
     */
    void promoted() {
        row.exhaustive++;
        all.exhaustive++;
        repeated++;
    }

    void damage(boolean noticed) {
        damages++;
        refused += noticed ? 1 : 0;
    }

    void add(Statistics other) {
        other.rows.forEach((name, added) ->
                rows.computeIfAbsent(name, ignored -> new Row()).add(added));
        other.imagesByStep.forEach((step, added) ->
                imagesByStep.computeIfAbsent(step, ignored -> new Row()).add(added));
        all.add(other.all);
        startNanos = Math.min(startNanos, other.startNanos);
        kills += other.kills;
        repeated += other.repeated;
        damages += other.damages;
        refused += other.refused;
    }

    /** Returns the number of runs of workloads, including runs with a fault. */
    public long workloads() {
        return all.workloads;
    }

    /** Returns the number of moments at which runs of workloads were crashed. */
    public long crashPoints() {
        return all.points;
    }

    /** Returns the number of disks on which a log was opened. */
    public long images() {
        return all.images;
    }

    /** Returns the number of disks with distinct names, lengths or bytes. */
    public long distinctImages() {
        return all.distinct;
    }

    /**
     * Returns the number of distinct disks from exhaustive exploration, which crashes every crash point of a run with
     * every combination of kept and lost changes.
     *
     * <p>The remaining disks are samples: disks with torn sectors, crash points with too many combinations, and single
     * crash points of recoveries.
     */
    public long exhaustiveImages() {
        return all.exhaustive;
    }

    /**
     * Returns the number of created disks that were not opened, because an equal disk was already opened with the same
     * expectation.
     */
    public long repeatedImages() {
        return repeated;
    }

    /** Returns the number of simulated faults. */
    public long faults() {
        return all.faults;
    }

    /** Returns the number of closed logs that were damaged. */
    public long damages() {
        return damages;
    }

    /**
     * Returns the number of opened disks for each kind of crash point: the moment and the kind of the interrupted
     * operation.
     */
    public Map<String, Long> imagesByStep() {
        Map<String, Long> images = new TreeMap<>();
        imagesByStep.forEach((step, counted) -> images.put(step, counted.images));
        return images;
    }

    /** Returns the kinds of operations that no crash has interrupted. */
    public Set<DiskStep.Kind> neverCut() {
        Set<DiskStep.Kind> never = new TreeSet<>();
        for (DiskStep.Kind kind : DiskStep.Kind.values()) {
            if (imagesByStep.keySet().stream().noneMatch(step -> step.endsWith(" " + kind))) {
                never.add(kind);
            }
        }
        return never;
    }

    @Override
    public String toString() {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        StringBuilder text = new StringBuilder();
        rows.forEach((name, counted) -> text.append(String.format("%-24s%s%n", name, counted)));
        imagesByStep.forEach((step, counted) -> text.append(String.format(
                "%-24s%10d images %10d distinct, %10d of them exhaustive%n",
                step, counted.images, counted.distinct, counted.exhaustive)));
        return text
                + String.format(
                        "%d runs, %d of them with a fault; %d crash points; %d images (%d kills), %d more repeated; %d damaged logs,"
                                + " %d of them reported; %.1f s, %.0f images/s; never interrupted: %s%n%d distinct images, %d of them"
                                + " exhaustive",
                        all.workloads,
                        all.faults,
                        all.points,
                        all.images,
                        kills,
                        repeated,
                        damages,
                        refused,
                        seconds,
                        all.images / seconds,
                        neverCut(),
                        all.distinct,
                        all.exhaustive);
    }
}
