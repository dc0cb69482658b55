package dev.holdfast.wal.repair;

import dev.holdfast.wal.inspect.Lineage;
import dev.holdfast.wal.storage.StoredFile;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * What a repair does; found by reading alone.
 *
 * @param dropFrom the first record that is given up; the next one to be appended has this id
 * @param firstId the oldest record that stays, empty where none does
 * @param lastKnownId the newest record that is given up, as far as anything tells; empty where none is
 * @param aside files that are kept under another name, as they are no part of the log any more
 * @param mended files whose footer is written anew
 * @param cut the file that holds records to keep and, behind them, what is given up; it stays where it is. None: empty
 * @param copied the same file, where nothing tells that any of its records was synced: those to keep are copied, and it
 *     is kept under another name. None: empty
 * @param done whether there is nothing to do
 */
public record Plan(
        long dropFrom,
        OptionalLong firstId,
        OptionalLong lastKnownId,
        List<StoredFile> aside,
        List<String> mended,
        List<String> cut,
        List<String> copied,
        boolean done,
        Kept kept) {
    /**
     * What stays of the chain of segments.
     *
     * @param members oldest first; none where no record stays
     * @param provenId up to here records are known to be synced
     * @param trimPoint in force
     * @param logId of the log
     * @param nextEpoch higher than that of any segment there is
     * @param recordLimit for the segment that is made
     */
    record Kept(
            List<Lineage.Member> members, long provenId, long trimPoint, UUID logId, long nextEpoch, int recordLimit) {}

    /** How many records are given up, as far as anything tells. */
    public long droppedRecords() {
        return lastKnownId.isEmpty() ? 0 : lastKnownId.getAsLong() - dropFrom + 1;
    }
}
