package dev.holdfast.wal.engine;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.Layout;

/**
 * The settings of a stored log, checked.
 *
 * @param segmentBytes how large a segment grows, in bytes, unless one batch needs more
 * @param firstSegmentBytes how large the first segment is; later ones double up to {@code segmentBytes}
 * @param maxRecordBytes the largest record, in bytes
 * @param maxBytesInFlight how many bytes of appends may wait to be durable
 * @param syncEachGroup true: acknowledged means synced; false: acknowledged means written
 * @param groupAlignment each group is padded to a multiple of this many bytes in the file: 8, or 4096
 */
public record LogSettings(
        int segmentBytes,
        int firstSegmentBytes,
        int maxRecordBytes,
        long maxBytesInFlight,
        boolean syncEachGroup,
        int groupAlignment) {

    /** Throws {@link IllegalArgumentException} where a figure is impossible. */
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
