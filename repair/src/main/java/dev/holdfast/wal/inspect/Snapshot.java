package dev.holdfast.wal.inspect;

import java.util.List;

/**
 * The files of a log at one moment, and their bytes to copy. These bytes do not change while the log is written. If a
 * file is removed during the copy, because it was trimmed or superseded, a new snapshot is needed.
 *
 * @param sealed the sealed segments, oldest first
 * @param provenId the last record that a copy must hold; one less than the first id if there is none
 */
public record Snapshot(List<Sealed> sealed, Tail tail, long provenId) {
    /**
     * A sealed segment: no more records are written to it.
     *
     * @param complete whether the segment's footer has been written; if so, no byte of the file changes any more
     */
    public record Sealed(String name, long lengthBytes, boolean complete) {}

    /**
     * The newest segment.
     *
     * @param endOffset end of the bytes that may be copied; bytes after it are unused or not known to be synced
     */
    public record Tail(String name, long lengthBytes, long endOffset) {}

    /** Returns the number of bytes to copy. */
    public long bytes() {
        return tail.endOffset() + sealed.stream().mapToLong(Sealed::lengthBytes).sum();
    }
}
