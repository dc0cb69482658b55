package dev.holdfast.wal.format;

/**
 * Where things stand in a segment, version 1: offsets and sizes in bytes. The words are in {@code docs/format.md}.
 *
 * <pre>
 * 0            header, alone in its block
 * 4096         groups, each at a multiple of 8
 * groupsEnd    kept free, so that the slot shares no sector and no neighbour with the groups
 * slot         one group header: the second marker of a clean close
 * footer       the footer of a sealed segment
 * fileLength
 * </pre>
 */
public final class Layout {
    /** Length of a block, the unit of the lengths of segments and of padded groups. */
    public static final int BLOCK_BYTES = 4096;
    /** The header's block, which nothing else shares. */
    public static final int HEADER_BYTES = BLOCK_BYTES;
    /** What stands before the body of a group. */
    public static final int GROUP_HEADER_BYTES = 40;
    /** What stands before the data of a record. */
    public static final int FRAME_HEADER_BYTES = 8;
    /** Groups start at multiples of this. */
    public static final int ALIGNMENT = 8;
    /** The longest file: offsets in the index have 32 bits. */
    public static final long MAX_FILE_BYTES = 1L << 32;
    /** The smallest segment. */
    public static final int MIN_SEGMENT_BYTES = 8 << 10;
    /** Length of the first segment of a log, and of its first spares, if the user sets no smaller one. */
    public static final int FIRST_SEGMENT_BYTES = 1 << 20;
    /** The largest record, in bytes of data. Equal to {@code LogRecord.MAX_DATA_BYTES}. */
    public static final int MAX_RECORD_BYTES = 1 << 20;
    /** Bytes that are read or written at once when a file is copied, filled or verified. */
    public static final int CHUNK_BYTES = 1 << 20;
    /** The footer's index has an entry where this many bytes have passed since the one before. */
    public static final int INDEX_INTERVAL_BYTES = 64 << 10;
    /** The fixed part of a footer's body. */
    static final int FOOTER_FIXED_BYTES = 32;
    /** One entry of the footer's index. */
    static final int INDEX_ENTRY_BYTES = 12;

    private static final long SMALL_GAP_BYTES = 1024;
    private static final long MIDDLE_GAP_BYTES = BLOCK_BYTES + 512;
    private static final long LARGE_GAP_BYTES = 2 * BLOCK_BYTES;

    private Layout() {}

    /** The next multiple of 8. */
    public static long aligned(long offset) {
        return (offset + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** How many entries the sparse index of a segment has at the most. */
    public static int mostIndexEntries(long fileLength) {
        return (int) (fileLength / INDEX_INTERVAL_BYTES) + 2;
    }

    /** Where the footer stands. */
    public static long footerOffset(long fileLength) {
        long bytes = GROUP_HEADER_BYTES + FOOTER_FIXED_BYTES + (long) mostIndexEntries(fileLength) * INDEX_ENTRY_BYTES;
        return (fileLength - bytes) & -ALIGNMENT;
    }

    /** Where the second marker of a clean close stands. */
    public static long slotOffset(long fileLength) {
        return footerOffset(fileLength) - GROUP_HEADER_BYTES;
    }

    /** Where groups end at the latest, markers included. */
    public static long groupsEnd(long fileLength) {
        return slotOffset(fileLength) - gap(fileLength);
    }

    /**
     * What is kept free before the slot. Sectors are 512 or 4096 bytes: from 64 KiB on there is a whole sector of
     * either size between the groups and the slot, from 16 KiB on they are at least in different ones.
     */
    private static long gap(long fileLength) {
        if (fileLength < 16 << 10) {
            return SMALL_GAP_BYTES;
        }
        return fileLength < 64 << 10 ? MIDDLE_GAP_BYTES : LARGE_GAP_BYTES;
    }

    /** Where groups of records end at the latest: behind them there is always room for the marker of a clean close. */
    public static long recordsEnd(long fileLength) {
        return groupsEnd(fileLength) - GROUP_HEADER_BYTES;
    }

    /** The smallest length of a file that holds groups of so many bytes, a multiple of 4096. */
    public static long fileLengthFor(long groupBytes) {
        long length = Math.max(
                MIN_SEGMENT_BYTES,
                (HEADER_BYTES + groupBytes + SMALL_GAP_BYTES + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES);
        while (recordsEnd(length) - HEADER_BYTES < groupBytes) {
            length += BLOCK_BYTES;
        }
        return length;
    }
}
