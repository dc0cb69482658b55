package dev.holdfast.wal.format;

import java.nio.ByteBuffer;

/**
 * The header of a group. Its checksum covers the header alone, so it is valid even if the body is damaged. A reusable
 * view that {@link #read} fills, so reading does not allocate. Not thread-safe.
 *
 * <pre>
 *  0 u32 checksum of the 36 bytes that follow
 *  4 u32 kind
 *  8 u32 bytes in the body
 * 12 u32 number of records in the body (in a footer: of entries of its index)
 * 16 i64 id of the first record (in a marker or footer: of the next record)
 * 24 i64 durable id: the highest id whose sync had returned when this header was encoded
 * 32 i64 trim point, -1 if none
 * </pre>
 */
public final class GroupHeader {
    private GroupKind kind = GroupKind.PADDING;
    private long bodyBytes;
    private int count;
    private long firstId;
    private long durableId;
    private long trimPoint;

    /** Writes a header into a little-endian buffer, to be stored at {@code offset} of a file with this salt. */
    public static void encode(
            ByteBuffer bytes,
            int at,
            GroupKind kind,
            int bodyBytes,
            int count,
            long firstId,
            Declaration declared,
            Checksum checksum,
            long salt,
            long offset) {
        bytes.putInt(at + 4, kind.code()); // seam: header-kind
        bytes.putInt(at + 8, bodyBytes);
        bytes.putInt(at + 12, count);
        bytes.putLong(at + 16, firstId);
        bytes.putLong(at + 24, declared.durableId()); // seam: header-durable-id
        bytes.putLong(at + 32, declared.trimPoint());
        bytes.putInt(at, checksum.of(bytes, at + 4, Layout.GROUP_HEADER_BYTES - 4, salt, offset));
    }

    /** Returns whether the bytes at an index have the code of a group kind: a cheap test before a full check. */
    public static boolean mayBegin(ByteBuffer bytes, int index) {
        return GroupKind.of(bytes.getInt(index + 4)) != null;
    }

    /**
     * Fills this view if the bytes at an index of a little-endian direct buffer are a valid header for this offset of a
     * file with this salt. Otherwise leaves the view unchanged and returns false. Clears the buffer.
     */
    public boolean read(ByteBuffer bytes, int index, Checksum checksum, long salt, long offset) {
        GroupKind found = GroupKind.of(bytes.getInt(index + 4));
        if (found == null) return false;
        int stored = bytes.getInt(index);
        int expected = checksum.of(bytes, index + 4, Layout.GROUP_HEADER_BYTES - 4, salt, offset);
        if (stored != expected) { // seam: group-checksum
            return false;
        }
        long trimmed = bytes.getLong(index + 32);
        if (trimmed < -1 || trimmed == Long.MAX_VALUE) {
            return false; // no log writes this; with Long.MAX_VALUE the next id would overflow
        }
        kind = found;
        bodyBytes = Integer.toUnsignedLong(bytes.getInt(index + 8));
        count = bytes.getInt(index + 12);
        firstId = bytes.getLong(index + 16);
        durableId = bytes.getLong(index + 24);
        trimPoint = trimmed;
        return true;
    }

    public GroupKind kind() {
        return kind;
    }

    public long bodyBytes() {
        return bodyBytes;
    }

    public int count() {
        return count;
    }

    public long firstId() {
        return firstId;
    }

    public long durableId() {
        return durableId;
    }

    public long trimPoint() {
        return trimPoint;
    }

    /** Returns the offset of the next group, if this group begins at {@code offset}. */
    public long next(long offset) {
        return Layout.aligned(offset + Layout.GROUP_HEADER_BYTES + bodyBytes);
    }
}
