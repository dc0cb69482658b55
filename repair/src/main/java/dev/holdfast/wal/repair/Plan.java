package dev.holdfast.wal.repair;

import dev.holdfast.wal.inspect.PartialChain;
import dev.holdfast.wal.storage.StoredFile;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * The plan of a repair, made by reading alone.
 *
 * @param dropFrom the first dropped id, and the next id to be appended
 * @param firstId the oldest record that is kept, empty if none is
 * @param lastKnownId the newest known record that is dropped, empty if none is
 * @param aside files that are renamed, because they are no longer part of the log
 * @param footersToWrite files whose footer is written again
 * @param cut the file, if any, with records to keep followed by records to drop; it keeps its name
 * @param copied the same file, if nothing proves that any of its records was synced. Its records to keep are copied,
 *     and the file is renamed
 * @param done whether there is nothing to do
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
     * @param provenId the last record that is known to be synced
     * @param nextEpoch higher than all existing epochs
     * @param recordLimit record limit of the new segment
     */
    record Kept(
            List<PartialChain.Member> members,
            long provenId,
            long trimPoint,
            UUID logId,
            long nextEpoch,
            int recordLimit) {}

    /** Returns the number of known records that are dropped. */
    public long droppedRecords() {
        return lastKnownId.isEmpty() ? 0 : lastKnownId.getAsLong() - dropFrom + 1;
    }
}
