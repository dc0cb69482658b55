package dev.holdfast.wal.recovery;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The result of opening a log.
 *
 * @param unprovenFrom the first record that nothing on disk proves to be synced. Only if the log was opened read-only;
 *     otherwise such records were written again
 * @param tornBytes bytes of an unfinished write after the last whole batch, counted up to the last byte that is not
 *     zero; 0 if a writer has the log open
 */
public record OpenReport(Ending ending, OptionalLong unprovenFrom, long tornBytes, Changes changes) {
    /** How a log had ended before it was opened or inspected. */
    public enum Ending {
        /** No log existed; opening created it. */
        NEW,
        CLOSED,
        /** A writer has the log open, and this process only reads it. */
        OPEN,
        /** The log was not closed, because of a kill, a crash or a power failure. */
        UNCLOSED
    }

    /**
     * The changes that opening a log for writing made.
     *
     * @param rewrittenRecords number of records that were written again because nothing proved that they were synced
     * @param tornFile name of the file that keeps the torn bytes, if it could be written
     * @param removedFiles names of the dead files that were removed
     */
    public record Changes(long rewrittenRecords, Optional<String> tornFile, List<String> removedFiles) {
        static final Changes NONE = new Changes(0, Optional.empty(), List.of());
    }
}
