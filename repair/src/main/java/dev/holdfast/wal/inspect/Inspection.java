package dev.holdfast.wal.inspect;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.storage.StoredFile;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/**
 * What stands in a directory.
 *
 * @param logId which log it is; empty where no header can be read
 * @param ending how the log ended
 * @param firstId its oldest record, empty where there is none
 * @param lastId its newest record, empty where there is none
 * @param nextId the id after it
 * @param trimPoint records up to it have been trimmed, -1 if none
 * @param unprovenFrom the first record of which nothing proves that it was synced, where nobody writes
 * @param tornBytes bytes of an interrupted write, which the next opening cuts off, in bytes
 * @param holder who has the log open for writing
 * @param segments every file with the name of a segment, by epoch
 * @param others every other file but LOCK
 * @param damages all that was found to be damaged; each message says where, what it means, and what to do
 */
public record Inspection(
        Optional<UUID> logId,
        Ending ending,
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

    /** How a log ended. */
    public enum Ending {
        /** It was closed. */
        CLOSED,
        /** Somebody has it open. */
        OPEN,
        /** Nobody has it open, and nobody closed it: a kill, a crash, a power failure. */
        UNCLOSED,
        /** It is damaged and would not open. */
        REFUSED
    }

    /** How many records there are. */
    public long records() {
        return lastId.isEmpty() ? 0 : lastId.getAsLong() - firstId.orElseThrow() + 1;
    }
}
