package dev.holdfast.wal.recovery;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What opening a log found and did.
 *
 * @param ending how the log had ended before
 * @param segments how many files hold the log now
 * @param firstId its oldest record
 * @param lastId its newest record
 * @param rewrittenRecords how many records were written once more, as nothing proved that they were synced
 * @param tornBytes how many bytes of an unfinished write were cut off, at most: those up to the last one that is not
 *     zero
 * @param tornFile where those bytes are kept, if they are
 * @param unprovenFrom the first record whose durability nothing on the disk proves; only if the log is opened
 *     read-only, since otherwise it has been rewritten
 * @param removedFiles dead files that were removed
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
        /** There was none: it has just been made. */
        NEW,
        /** It was closed. */
        CLEAN,
        /**
         * It was not closed: a kill, a crash, a power failure; or, if it is opened read-only, it may be open elsewhere.
         */
        UNCLEAN
    }
}
