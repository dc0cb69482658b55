package dev.holdfast.wal;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The figures of a log at one moment.
 *
 * @param firstId the oldest record, empty where there are none
 * @param lastId the last acknowledged record, empty where there are none
 * @param nextId what an assigned append would get
 * @param bytes what the segments of the log occupy, in bytes, spares not counted; 0 for a log without files
 * @param segments how many files hold the log; 0 for a log without files
 * @param appendedRecords records acknowledged since the log was opened
 * @param appendedBytes their data, in bytes
 * @param groups writes that carried appends since the log was opened: {@code appendedRecords / groups} is what group
 *     commit gains
 * @param syncs waits for stable storage since the log was opened
 * @param spareWaits appends since the log was opened that had to wait until the file of another segment was made, which
 *     is otherwise done ahead of need; 0 for a log without files
 * @param state whether the log takes appends
 * @param cause why it does not, where {@code state} is {@link State#FAILED}
 */
public record LogStats(
        OptionalLong firstId,
        OptionalLong lastId,
        long nextId,
        long bytes,
        int segments,
        long appendedRecords,
        long appendedBytes,
        long groups,
        long syncs,
        long spareWaits,
        State state,
        Optional<Throwable> cause) {

    /** What a log can do. */
    public enum State {
        /** Reads and writes. */
        OPEN,
        /** Reads only, as it was opened so. */
        READ_ONLY,
        /** A write or sync failed: reads only, until it is reopened. */
        FAILED,
        /** Nothing any more. */
        CLOSED
    }
}
