package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.engine.LogSettings;

/**
 * One exploration: a workload, and what goes wrong.
 *
 * @param name what a report calls workloads like this one
 * @param seed what chance is drawn from
 */
public record Job(String name, long seed, LogSettings settings, Workload workload, Kind kind) {
    /** What goes wrong in an exploration. */
    public enum Kind {
        /** Crashes alone. */
        CRASHES,
        /** Operations of the disk fail, once or for good, one in each run; crashes after that. */
        ERRORS,
        /** The same, by space that runs out for a moment or for good. */
        NO_SPACE,
        /** The disk is too small: by each number of blocks that keeps the workload from its end. */
        SMALL_DISK,
        /** Reads fail, once or for good, one in each run. */
        READ_ERRORS,
        /** Bytes of a closed log go bad. */
        DAMAGE
    }

    /**
     * Does it.
     *
     * @throws CrashFailure if the log is not what it must be
     */
    public void run(Explorer explorer) {
        explorer.explore(this);
    }

    Job with(Workload other) {
        return new Job(name, seed, settings, other, kind);
    }
}
