package dev.holdfast.wal.format;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The footer of a sealed segment: a group whose body holds the segment's bounds and its sparse index. See the table in
 * {@code docs/format.md}.
 *
 * <p>The group's header has {@code nextId} (the id after the last record), the trim point when the segment was sealed,
 * and as its durable id {@code keptId}: the last record that the log kept when the successor was published, below
 * {@code nextId}. The groups end at the end of the segment's header if the successor replaces the whole segment.
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the segment's index reads the array in place
public record Footer(long nextId, long endOffset, long successorEpoch, long trimPoint, int[] index, long keptId) {
    private static final int NUMBERS = 3;

    /** Returns the whole group, to be stored at {@link Layout#footerOffset}, with {@code entries} of these numbers. */
    public byte[] encode(SegmentHeader header, Checksum checksum, int[] numbers, int entries) {
        int body = Layout.FOOTER_FIXED_BYTES + entries * Layout.INDEX_ENTRY_BYTES;
        ByteBuffer bytes = ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES + body).order(ByteOrder.LITTLE_ENDIAN);
        long offset = Layout.footerOffset(header.fileLength());
        int at = Layout.GROUP_HEADER_BYTES;
        bytes.putLong(at + 8, header.baseId());
        bytes.putLong(at + 16, endOffset);
        bytes.putLong(at + 24, successorEpoch);
        bytes.position(at + Layout.FOOTER_FIXED_BYTES).asIntBuffer().put(numbers, 0, entries * NUMBERS);
        bytes.putInt(at, checksum.of(bytes, at + 4, body - 4, header.salt(), offset + at));
        Declaration declared = new Declaration(keptId, trimPoint);
        GroupHeader.encode(
                bytes, 0, GroupKind.FOOTER, body, entries, nextId, declared, checksum, header.salt(), offset);
        return bytes.array();
    }

    /**
     * Parses a little-endian buffer with the bytes from {@link Layout#footerOffset} on, which begin with {@code group}.
     * Returns empty if they are not a valid footer. Clears the buffer.
     */
    public static Optional<Footer> parse(ByteBuffer bytes, GroupHeader group, SegmentHeader header, Checksum checksum) {
        long body = group.bodyBytes();
        int at = Layout.GROUP_HEADER_BYTES;
        boolean fits = group.kind() == GroupKind.FOOTER
                && body >= Layout.FOOTER_FIXED_BYTES
                && body <= bytes.capacity() - at
                && body == Layout.FOOTER_FIXED_BYTES + (long) group.count() * Layout.INDEX_ENTRY_BYTES;
        if (!fits) return Optional.empty();
        long offset = Layout.footerOffset(header.fileLength());
        int expected = checksum.of(bytes, at + 4, (int) body - 4, header.salt(), offset + at);
        if (bytes.getInt(at) != expected) return Optional.empty(); // seam: footer-checksum
        int[] index = new int[group.count() * NUMBERS];
        bytes.position(at + Layout.FOOTER_FIXED_BYTES).asIntBuffer().get(index);
        bytes.clear();
        long nextId = group.firstId();
        long endOffset = bytes.getLong(at + 16);
        boolean possible = bytes.getLong(at + 8) == header.baseId()
                && nextId >= header.baseId()
                && endOffset >= Layout.HEADER_BYTES
                && endOffset <= Layout.groupsEnd(header.fileLength());
        if (!possible) return Optional.empty();
        return Optional.of(
                new Footer(nextId, endOffset, bytes.getLong(at + 24), group.trimPoint(), index, group.durableId()));
    }
}
