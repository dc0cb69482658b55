package dev.holdfast.wal.recovery;

import dev.holdfast.wal.segment.Chain;
import dev.holdfast.wal.segment.SegmentWriter;
import java.util.List;
import java.util.Optional;

/**
 * A log that is ready to be written.
 *
 * @param chain its segments
 * @param writer of the tail
 * @param firstId the oldest id, if there is a record
 * @param lastId the newest id, one less than {@code firstId} if there is no record; all up to it are synced
 * @param trimPoint in force
 * @param ending how the log had ended
 * @param rewrittenRecords how many records were written once more
 * @param tornBytes how many bytes of an unfinished write were cut off
 * @param tornFile where those bytes are kept, if they are
 * @param removedFiles dead files that were removed
 */
public record Recovered(
        Chain chain,
        SegmentWriter writer,
        long firstId,
        long lastId,
        long trimPoint,
        Ending ending,
        long rewrittenRecords,
        long tornBytes,
        Optional<String> tornFile,
        List<String> removedFiles) {
    /** How a log ended before it was opened. */
    public enum Ending {
        /** There was none. */
        NEW,
        /** It was closed. */
        CLEAN,
        /** It was not closed. */
        UNCLEAN
    }
}
