package dev.holdfast.wal.inspect;

import java.util.List;

/**
 * What a log is made of at one moment, for a copy of it. All of this stays as it is while somebody writes the log; a
 * file may go, when it is trimmed or superseded, and then another snapshot is needed.
 *
 * @param sealed oldest first
 * @param provenId the last record that a copy must hold; one less than the first id if there is none
 */
public record Snapshot(List<Sealed> sealed, Tail tail, long provenId) {
    /**
     * A segment that nobody writes any more.
     *
     * @param complete whether its footer has been written, after which no byte of the file is ever changed
     */
    public record Sealed(String name, long lengthBytes, boolean complete) {}

    /**
     * The newest segment.
     *
     * @param endOffset up to here it may be copied; behind that stands what is not known to be synced, or nothing
     */
    public record Tail(String name, long lengthBytes, long endOffset) {}

    /** All that has to be copied, in bytes. */
    public long bytes() {
        return tail.endOffset() + sealed.stream().mapToLong(Sealed::lengthBytes).sum();
    }
}
