package dev.holdfast.wal.repair;

import dev.holdfast.wal.inspect.PartialChain;
import dev.holdfast.wal.storage.StoredFile;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The plan of a repair; making it changes nothing. At most one of {@code cut} and {@code copied} names a file: the last
 * segment with records to keep.
 *
 * @param dropFrom the first dropped id, and the next id to be appended
 * @param firstId id of the oldest record that is kept, empty if no record is kept
 * @param lastKnownId the newest known record that is dropped, empty if no known record is dropped
 * @param aside files that are renamed, because they are no longer part of the log
 * @param footersToWrite files whose footer is written again
 * @param cut the last kept segment, if it ends the kept records in place; the file keeps its name, and its records from
 *     {@code dropFrom} on are ignored
 * @param copied the last kept segment, if nothing proves that any of its records was synced; its records to keep are
 *     copied to a new segment, and the file is renamed
 * @param done whether nothing is left to repair
 */
public record Plan(
        long dropFrom,
        OptionalLong firstId,
        OptionalLong lastKnownId,
        List<StoredFile> aside,
        List<String> footersToWrite,
        List<String> cut,
        List<String> copied,
        boolean done,
        Kept kept) {
    /**
     * The part of the chain of segments that is kept.
     *
     * @param members oldest first; empty if no record is kept
     * @param provenId the last record to keep that is known to be synced
     * @param nextEpoch epoch of the new segment, higher than all existing epochs
     * @param recordLimit record limit of the new segment
     */
    record Kept(
            List<PartialChain.Member> members,
            long provenId,
            long trimPoint,
            UUID logId,
            long nextEpoch,
            int recordLimit) {}

    /** Returns the number of known records that the repair drops. */
    public long droppedRecords() {
        return lastKnownId.isEmpty() ? 0 : lastKnownId.getAsLong() - dropFrom + 1;
    }
}
