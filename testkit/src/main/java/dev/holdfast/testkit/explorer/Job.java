package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.commit.LogSettings;

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
         * Runs in which operations of the disk fail: each run has one fault, temporary or permanent, and a crash after
         * the fault.
         */
        ERRORS,
        /**
         * Runs in which the disk is full: each run has one such fault, temporary or permanent, and a crash after the
         * fault.
         */
        NO_SPACE,
        /** Runs on a disk that is too small for the workload. Every number of blocks that is too small is explored. */
        SMALL_DISK,
        /** Runs in which reads fail: each run has one read fault, temporary or permanent. */
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
