package dev.holdfast.wal.format;

import java.nio.ByteBuffer;

/**
 * The header of a group: valid by itself, whatever its body is. A reusable view, so that reading allocates nothing:
 * {@link #read} fills it from bytes that pass. One thread at a time.
 *
 * <pre>
 *  0 u32 checksum of the 36 bytes that follow
 *  4 u32 kind
 *  8 u32 bytes in the body
 * 12 u32 records in the body (a footer: entries of its index)
 * 16 i64 id of the first record (a marker or footer: of the record that would come next)
 * 24 i64 durable id: the highest id whose sync had returned when this was encoded
 * 32 i64 trim point in force, -1 if none
 * </pre>
 */
public final class GroupHeader {
    private GroupKind kind = GroupKind.PADDING;
    private long bodyBytes;
    private int count;
    private long firstId;
    private long durableId;
    private long trimPoint;

    /**
     * Writes a header, checksum included, into {@code bytes}, to be stored at {@code offset} of a file with this salt.
     */
    public static void encode(
            byte[] bytes,
            int at,
            GroupKind kind,
            int bodyBytes,
            int count,
            long firstId,
            long durableId,
            long trimPoint,
            Checksum checksum,
            long salt,
            long offset) {
        LittleEndian.putInt(bytes, at + 4, kind.code());
        LittleEndian.putInt(bytes, at + 8, bodyBytes);
        LittleEndian.putInt(bytes, at + 12, count);
        LittleEndian.putLong(bytes, at + 16, firstId);
        LittleEndian.putLong(bytes, at + 24, durableId);
        LittleEndian.putLong(bytes, at + 32, trimPoint);
        LittleEndian.putInt(bytes, at, checksum.of(bytes, at + 4, Layout.GROUP_HEADER_BYTES - 4, salt, offset));
    }

    /** True if a group of a known kind may begin at an index of a little-endian buffer: cheap, to look for groups. */
    public static boolean mayBegin(ByteBuffer bytes, int index) {
        return GroupKind.isCode(bytes.getInt(index + 4));
    }

    /**
     * Fills this view if the {@link Layout#GROUP_HEADER_BYTES} bytes at an index of a little-endian direct buffer are a
     * header that belongs to this offset of a file with this salt; otherwise leaves it as it was. The buffer is
     * cleared.
     */
    public boolean read(ByteBuffer bytes, int index, Checksum checksum, long salt, long offset) {
        if (!mayBegin(bytes, index)) {
            return false;
        }
        int stored = bytes.getInt(index);
        if (stored != checksum.of(bytes, index + 4, Layout.GROUP_HEADER_BYTES - 4, salt, offset)) {
            return false;
        }
        long trimmed = bytes.getLong(index + 32);
        if (trimmed < -1 || trimmed == Long.MAX_VALUE) {
            // No log says so, and the id after it would be none.
            return false;
        }
        kind = GroupKind.of(bytes.getInt(index + 4));
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

    /** Where the group after this one begins, if this one begins at {@code offset}. */
    public long next(long offset) {
        return Layout.aligned(offset + Layout.GROUP_HEADER_BYTES + bodyBytes);
    }
}
