package dev.holdfast.wal.format;

import java.nio.ByteBuffer;

/**
 * The header of a group. Its checksum covers the header alone, so it is valid even if the body is damaged. A reusable
 * view that {@link #read} fills, so reading does not allocate. See the table in {@code docs/format.md}. Not
 * thread-safe.
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
        bytes.putInt(at + 4, kind.code); // seam: header-kind
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
        int expected = checksum.of(bytes, index + 4, Layout.GROUP_HEADER_BYTES - 4, salt, offset);
        if (bytes.getInt(index) != expected) return false; // seam: group-checksum
        long trimmed = bytes.getLong(index + 32);
        // No log writes another one. With Long.MAX_VALUE, the next id would overflow.
        if (trimmed < -1 || trimmed == Long.MAX_VALUE) return false;
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
}
