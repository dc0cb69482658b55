package dev.holdfast.testkit.explorer;

import dev.holdfast.testkit.disk.Fault;
import dev.holdfast.wal.engine.LogSettings;

/**
 * One exploration: what an {@link Explorer} does between two looks at the list.
 *
 * @param kind what goes wrong beside the crashes
 */
public record Job(long seed, LogSettings settings, Workload workload, Kind kind) {
    /** What goes wrong in an exploration. */
    public enum Kind {
        /** Crashes alone. */
        CRASHES,
        /** Operations of the disk fail, once or for good, one in each run. */
        ERRORS,
        /** The same, by space that runs out. */
        NO_SPACE
    }

    /**
     * Does it.
     *
     * @throws CrashFailure if the log is not what it must be
     */
    public void run(Explorer explorer) {
        switch (kind) {
            case CRASHES -> explorer.explore(seed, settings, workload);
            case ERRORS -> explorer.exploreFaults(seed, settings, workload, Fault.Kind.ERROR);
            case NO_SPACE -> explorer.exploreFaults(seed, settings, workload, Fault.Kind.NO_SPACE);
        }
    }
}
