package dev.holdfast.wal.inspect;

import java.util.OptionalLong;

/**
 * A file with the name of a segment.
 *
 * @param role the file's role in the log
 * @param epoch epoch of the segment, according to the file's name
 * @param baseId first id of the segment, according to the file's name
 * @param nextId the id after the segment's last live record, empty if unknown
 * @param usedBytes end offset of the segment's live groups, in bytes; 0 if unknown
 * @param lengthBytes length of the file
 * @param links number of names (hard links) of the file
 */
public record SegmentFile(
        String name,
        Role role,
        long epoch,
        long baseId,
        OptionalLong nextId,
        long usedBytes,
        long lengthBytes,
        int links) {
    /** The role of a segment's file in the log. */
    public enum Role {
        /** Holds live records, and has a successor. */
        SEALED,
        /** The newest segment. */
        TAIL,
        /**
         * Not part of the log any more, because it was superseded or trimmed. Opening the log for writing removes the
         * file.
         */
        DEAD,
        /** Does not hold the segment that its name promises. */
        DAMAGED
    }
}
