package dev.holdfast.wal.format;

/**
 * Layout of a segment, format version 1: offsets and lengths in bytes. {@code docs/format.md} defines the terms.
 *
 * <pre>
 * 0            header, in a block of its own
 * 4096         groups, each at a multiple of 8
 * groupsEnd    gap, so that slot and groups are in sectors that are not neighbours
 * slot         one group header: the second marker of a clean close
 * footer       the footer of a sealed segment
 * fileLength
 * </pre>
 */
public final class Layout {
    /** Length of a block. The length of a new segment is a multiple of it, and groups may be padded to it. */
    public static final int BLOCK_BYTES = 4096;
    /** Length of a segment's header, which has a block of its own. */
    public static final int HEADER_BYTES = BLOCK_BYTES;

    public static final int GROUP_HEADER_BYTES = 40;
    /** Length of a frame's header, which precedes the data of a record. */
    public static final int FRAME_HEADER_BYTES = 8;
    /** Groups begin at multiples of this. */
    public static final int ALIGNMENT = 8;
    /** Maximum length of a file, because offsets in the index have 32 bits. */
    public static final long MAX_FILE_BYTES = 1L << 32;

    public static final int MIN_SEGMENT_BYTES = 8 << 10;
    /** Length of the first segment of a log, and of its first spares, unless the user sets a smaller one. */
    public static final int FIRST_SEGMENT_BYTES = 128 << 10;
    /**
     * Minimum length of the second segment, and of the spares of a log with larger groups, unless the user's is less.
     */
    public static final int SECOND_SEGMENT_BYTES = 1 << 20;
    /** Maximum length of a record's data. Equal to {@code LogRecord.MAX_DATA_BYTES}. */
    public static final int MAX_RECORD_BYTES = 1 << 20;
    /** Maximum length of a group of more than one batch. A segment of 1 MiB has room for a padded one. */
    public static final int MAX_GROUP_BYTES = (1 << 20) - (32 << 10);
    /** Length of a chunk. Files are copied and filled, and progress is reported, in chunks. */
    public static final int CHUNK_BYTES = 1 << 20;
    /** Minimum distance between two records that have an entry in the sparse index. */
    public static final int INDEX_INTERVAL_BYTES = 64 << 10;

    static final int FOOTER_FIXED_BYTES = 32;
    static final int INDEX_ENTRY_BYTES = 12;

    private Layout() {}

    /** Rounds an offset up to a multiple of 8. */
    public static long aligned(long offset) {
        return (offset + ALIGNMENT - 1) & -ALIGNMENT;
    }

    public static long footerOffset(long fileLength) {
        long mostIndexEntries = fileLength / INDEX_INTERVAL_BYTES + 2;
        long bytes = GROUP_HEADER_BYTES + FOOTER_FIXED_BYTES + mostIndexEntries * INDEX_ENTRY_BYTES;
        return (fileLength - bytes) & -ALIGNMENT;
    }

    /** Returns the offset of the slot, which holds the second marker of a clean close. */
    public static long slotOffset(long fileLength) {
        return footerOffset(fileLength) - GROUP_HEADER_BYTES;
    }

    /** Returns the maximum end offset of the groups, markers included. */
    public static long groupsEnd(long fileLength) {
        return slotOffset(fileLength) - gap(fileLength);
    }

    /**
     * Returns the length of the gap before the slot. Sectors have 512 or 4096 bytes. From 64 KiB on the gap contains a
     * whole sector of either size; from 16 KiB on the groups and the slot are at least in different sectors.
     */
    private static long gap(long fileLength) {
        if (fileLength < 16 << 10) return 1024;
        return fileLength < 64 << 10 ? BLOCK_BYTES + 512 : 2 * BLOCK_BYTES;
    }

    /** Returns the maximum end offset of groups of records. The marker of a clean close always fits after it. */
    public static long recordsEnd(long fileLength) {
        return groupsEnd(fileLength) - GROUP_HEADER_BYTES;
    }

    /** Returns the minimum length, a multiple of {@link #BLOCK_BYTES}, of a file with room for {@code groupBytes}. */
    public static long fileLengthFor(long groupBytes) {
        long length = MIN_SEGMENT_BYTES + groupBytes / BLOCK_BYTES * BLOCK_BYTES;
        while (recordsEnd(length) - HEADER_BYTES < groupBytes) {
            length += BLOCK_BYTES;
        }
        return length;
    }
}
