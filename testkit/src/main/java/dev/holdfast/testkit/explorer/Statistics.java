package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.DiskStep;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What an {@link Explorer}, or several, have done. */
public final class Statistics {
    /** What was done with one kind of workload. */
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

    /** A kind of workload begins. */
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
     * A disk on which a log is opened.
     *
     * @param isNew whether no disk was like this before
     * @param isExhaustive whether none was at a crash point that was crashed in all ways
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
     * As {@link #repeated()}; the disk was made by chance before, and now at a crash point that is crashed in all ways.
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

    /** How many workloads ran, those with a fault included. */
    public long workloads() {
        return all.workloads;
    }

    /** How many moments of these a crash was put at. */
    public long crashPoints() {
        return all.points;
    }

    /** How many disks a log was opened on. */
    public long images() {
        return all.images;
    }

    /** How many of them had different names, lengths or bytes. */
    public long distinctImages() {
        return all.distinct;
    }

    /**
     * How many of these come from crash points at which every combination of kept and lost things was made, in runs of
     * which every crash point was crashed. The others are a choice: torn sectors, crash points with too many
     * combinations, single crash points of recoveries.
     */
    public long exhaustiveImages() {
        return all.exhaustive;
    }

    /** How many more were made and not opened, as the same disk had been found good under the same expectation. */
    public long repeatedImages() {
        return repeated;
    }

    /** How many operations were made to fail. */
    public long faults() {
        return all.faults;
    }

    /** How many closed logs were damaged. */
    public long damages() {
        return damages;
    }

    /** How many disks were made at each moment of each kind of operation. */
    public Map<String, Long> imagesByStep() {
        Map<String, Long> images = new TreeMap<>();
        imagesByStep.forEach((step, counted) -> images.put(step, counted.images));
        return images;
    }

    /** The kinds of operations that no crash has interrupted. */
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
                        "%d runs, %d of them with a fault; %d crash points; %d images (%d kills), %d more were repetitions; %d damaged logs,"
                                + " %d of them refused; %.1f s, %.0f images/s; never cut: %s%n%d distinct images, %d of them"
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
