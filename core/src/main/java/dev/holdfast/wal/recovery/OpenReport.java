package dev.holdfast.wal.recovery;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The result of opening a log.
 *
 * @param ending how the log had ended before
 * @param segments number of files that hold the log now
 * @param firstId id of the oldest record
 * @param lastId id of the newest record
 * @param rewrittenRecords number of records that were written again because nothing proved that they were synced
 * @param tornBytes bytes of an unfinished write that were cut off, counted up to the last byte that is not zero
 * @param tornFile name of the file that keeps the torn bytes, if it could be written
 * @param unprovenFrom the first record that nothing on disk proves to be synced. Only if the log was opened read-only;
 *     otherwise such records were written again
 * @param removedFiles names of the dead files that were removed
 */
public record OpenReport(
        Ending ending,
        int segments,
        OptionalLong firstId,
        OptionalLong lastId,
        long rewrittenRecords,
        long tornBytes,
        Optional<String> tornFile,
        OptionalLong unprovenFrom,
        List<String> removedFiles) {
    /** How a log ended before it was opened. */
    public enum Ending {
        /** No log existed; opening created it. */
        NEW,
        /** The log was closed. */
        CLEAN,
        /** The log was not closed, or, if it is opened read-only, another process may have it open. */
        UNCLEAN
    }
}
