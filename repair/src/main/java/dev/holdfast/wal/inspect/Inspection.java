package dev.holdfast.wal.inspect;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.recovery.OpenReport.Ending;
import dev.holdfast.wal.storage.StoredFile;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The state of a log's directory.
 *
 * @param logId identity of the log, empty if no header is readable
 * @param ending how the last writer left the log, empty if the log is damaged and would not open
 * @param firstId id of the oldest record, empty if there are no records
 * @param lastId id of the newest record, empty if there are no records
 * @param nextId the id after {@code lastId}
 * @param trimPoint the last trimmed id, -1 if none
 * @param unprovenFrom the first record for which the files do not prove that it was synced; empty if there is none, or
 *     if a writer has the log open
 * @param tornBytes number of bytes of an interrupted write, which the next opening cuts off
 * @param holder phrase that names the process that has the log open for writing
 * @param segments all files with the name of a segment, by epoch
 * @param others all files without the name of a segment, except LOCK
 * @param damages all damage that was found; each message names the place, its meaning and a remedy
 */
public record Inspection(
        Optional<UUID> logId,
        Optional<Ending> ending,
        OptionalLong firstId,
        OptionalLong lastId,
        long nextId,
        long trimPoint,
        OptionalLong unprovenFrom,
        long tornBytes,
        Optional<String> holder,
        List<SegmentFile> segments,
        List<StoredFile> others,
        List<CorruptLogException> damages) {
    /** Returns the number of records. */
    public long records() {
        return lastId.isEmpty() ? 0 : lastId.getAsLong() - firstId.orElseThrow() + 1;
    }
}
