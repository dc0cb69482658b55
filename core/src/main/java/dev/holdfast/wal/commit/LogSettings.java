package dev.holdfast.wal.commit;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.Layout;

/**
 * The validated settings of a stored log.
 *
 * @param segmentBytes length to which segments grow, in bytes; a single batch may need more
 * @param firstSegmentBytes length of the first segment; later segments double up to {@code segmentBytes}
 * @param maxRecordBytes length of the largest record, in bytes
 * @param maxBytesInFlight maximum number of bytes of appends in flight
 * @param syncEachGroup true if acknowledged means synced, false if acknowledged means written
 * @param groupAlignment each group is padded in the file to a multiple of this number of bytes: 8 or 4096
 */
public record LogSettings(
        int segmentBytes,
        int firstSegmentBytes,
        int maxRecordBytes,
        long maxBytesInFlight,
        boolean syncEachGroup,
        int groupAlignment) {

    public LogSettings {
        boolean possible = firstSegmentBytes >= Layout.MIN_SEGMENT_BYTES
                && segmentBytes >= firstSegmentBytes
                && maxRecordBytes >= 1
                && maxRecordBytes <= LogRecord.MAX_DATA_BYTES
                && maxBytesInFlight >= 1
                && (groupAlignment == Layout.ALIGNMENT || groupAlignment == Layout.BLOCK_BYTES);
        if (!possible) {
            throw new IllegalArgumentException(
                    "impossible settings: segmentBytes " + segmentBytes + ", firstSegmentBytes "
                            + firstSegmentBytes + ", maxRecordBytes " + maxRecordBytes + ", maxBytesInFlight "
                            + maxBytesInFlight + ", groupAlignment " + groupAlignment);
        }
    }
}
