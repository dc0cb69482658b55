package dev.holdfast.wal.file;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What opening a {@link FileLog} found and did.
 *
 * @param ending how the log had ended before
 * @param segments how many files hold the log now
 * @param firstId its oldest record then, empty where there was none
 * @param lastId its newest record then, empty where there was none
 * @param rewrittenRecords how many records were written once more, as nothing proved that they were synced
 * @param tornBytes how many bytes of an unfinished write were cut off behind the last whole batch, in bytes, at most:
 *     up to the last byte that is not zero, so in a recycled segment what the file held in its earlier life counts too
 * @param tornFile where those bytes are kept, if they are
 * @param unprovenFrom the first record of which nothing on the disk proves that it was synced; only where the log was
 *     opened read-only, as otherwise it has been rewritten
 * @param removedFiles files that were no longer part of the log and were removed
 * @param duration how long it took
 */
public record RecoveryReport(
        Ending ending,
        int segments,
        OptionalLong firstId,
        OptionalLong lastId,
        long rewrittenRecords,
        long tornBytes,
        Optional<Path> tornFile,
        OptionalLong unprovenFrom,
        List<Path> removedFiles,
        Duration duration) {

    /** How a log ended before it was opened. */
    public enum Ending {
        /** There was none: it has just been made. */
        NEW,
        /** It was closed. */
        CLEAN,
        /**
         * It was not closed: a kill, a crash, a power failure; or, where it was opened read-only, it may be open
         * elsewhere.
         */
        UNCLEAN
    }
}
