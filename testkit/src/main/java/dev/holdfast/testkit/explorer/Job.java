package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.engine.LogSettings;

/**
 * One exploration: a workload and the kind of failure.
 *
 * @param name name of this group of workloads in the report
 * @param seed seed of all random choices
 */
public record Job(String name, long seed, LogSettings settings, Workload workload, Kind kind) {
    /** Kinds of failures in an exploration. */
    public enum Kind {
        /** Crashes only. */
        CRASHES,
        /**
         * Operations of the disk fail. Each run has one fault, which is temporary or permanent, and crashes after it.
         */
        ERRORS,
        /**
         * The disk runs out of space. Each run has one fault, which is temporary or permanent, and crashes after it.
         */
        NO_SPACE,
        /** The disk is too small for the workload. Every number of blocks that is too small is explored. */
        SMALL_DISK,
        /** Reads fail. Each run has one fault, which is temporary or permanent. */
        READ_ERRORS,
        /** Bytes of a closed log are damaged. */
        DAMAGE
    }

    /**
     * Runs the exploration.
     *
     * @throws CrashFailure if the log violates its contract
     */
    public void run(Explorer explorer) {
        explorer.explore(this);
    }

    Job with(Workload other) {
        return new Job(name, seed, settings, other, kind);
    }
}
