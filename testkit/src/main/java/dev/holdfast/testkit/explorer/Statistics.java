package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.DiskStep;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What an {@link Explorer} has done. */
public final class Statistics {
    private final LongSet digests = new LongSet();
    private final Map<String, Long> imagesByStep = new TreeMap<>();
    private final long startNanos = System.nanoTime();
    private long workloads;
    private long points;
    private long kills;
    private long powerCuts;
    private long repeated;
    private long faults;

    Statistics() {}

    void workload(int crashPoints) {
        workloads++;
        points += crashPoints;
    }

    void fault() {
        faults++;
    }

    void image(String step, boolean powerCut, long digest) {
        if (powerCut) {
            powerCuts++;
        } else {
            kills++;
        }
        digests.add(digest);
        imagesByStep.merge(step, 1L, Long::sum);
    }

    void repeated() {
        repeated++;
    }

    /** How many workloads ran, those with a fault included. */
    public long workloads() {
        return workloads;
    }

    /** How many moments of these a crash was put at. */
    public long crashPoints() {
        return points;
    }

    /** How many disks a log was opened on. */
    public long images() {
        return kills + powerCuts;
    }

    /** How many of them had different names, lengths or bytes. */
    public long distinctImages() {
        return digests.size();
    }

    /** How many more were made and not opened, as the same disk had been found good under the same expectation. */
    public long repeatedImages() {
        return repeated;
    }

    /** How many operations were made to fail. */
    public long faults() {
        return faults;
    }

    /** How many disks were made at each moment of each kind of operation. */
    public Map<String, Long> imagesByStep() {
        return Map.copyOf(imagesByStep);
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
        return String.format(
                "%d workloads, %d faults, %d crash points, %d images (%d kills, %d power cuts), %d distinct, %d repeated,"
                        + " %.1f s, %.0f images/s%nimages at %s%nnever cut: %s",
                workloads,
                faults,
                points,
                images(),
                kills,
                powerCuts,
                distinctImages(),
                repeated,
                seconds,
                images() / seconds,
                imagesByStep,
                neverCut());
    }
}
