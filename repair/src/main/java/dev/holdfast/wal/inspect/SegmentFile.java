package dev.holdfast.wal.inspect;

import java.util.OptionalLong;

/**
 * A file with the name of a segment.
 *
 * @param name of the file
 * @param role what it is to the log
 * @param epoch as in its name
 * @param baseId as in its name
 * @param nextId the id after its last live record; empty where nothing tells
 * @param usedBytes from its beginning to where its live groups end, in bytes; 0 where nothing tells
 * @param lengthBytes of the file
 * @param links how many names the file has
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
    /** What a segment's file is to the log. */
    public enum Role {
        /** It holds records, and another segment follows. */
        SEALED,
        /** It is the newest. */
        TAIL,
        /** Nothing leads to it any more: it was superseded or trimmed, and goes when the log is opened for writing. */
        DEAD,
        /** It is not what its name says. */
        DAMAGED
    }
}
