package dev.holdfast.wal.engine;

/**
 * The settings of a stored log, already checked.
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
        int groupAlignment) {}
