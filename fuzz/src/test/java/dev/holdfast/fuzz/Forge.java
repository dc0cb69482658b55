package dev.holdfast.fuzz;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Footer;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupHeader;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * Writes false content with correct checksums, so that the content is not rejected immediately. Never writes beyond the
 * end of a file.
 */
final class Forge {
    private static final int MAX_DATA_BYTES = 600;

    private final Checksum checksum = new Checksum();
    private final FuzzedDataProvider data;

    Forge(FuzzedDataProvider data) {
        this.data = data;
    }

    /** Returns a header that differs from {@code like} in one field. The result may be invalid. */
    SegmentHeader header(SegmentHeader like) {
        long[] known = {like.epoch(), like.baseId(), like.fileLength(), like.trimPoint(), 0, 4096};
        int field = (data.consumeByte() & 0xff) % 9;
        long value = field < 7 ? Numbers.near(data, known) : 0;
        return new SegmentHeader(
                field == 0 ? value : like.epoch(),
                field == 1 ? value : like.baseId(),
                field == 2 ? value : like.fileLength(),
                field == 3 ? (int) value : like.recordLimit(),
                (field == 4) != like.pinned(),
                field == 5 ? new UUID(value, value) : like.logId(),
                field == 6 ? value : like.salt(),
                field == 7 ? Numbers.near(data, known) : like.trimPoint(),
                field == 8 ? predecessor(like) : like.predecessor());
    }

    private Predecessor predecessor(SegmentHeader like) {
        long epoch = Numbers.near(data, like.epoch());
        long end = Numbers.near(data, 4096, Layout.groupsEnd(like.fileLength()));
        return switch (data.consumeByte() & 3) {
            case 0 -> new Predecessor.None();
            case 1 -> new Predecessor.Cut(epoch, end, data.consumeInt());
            default -> new Predecessor.Sealed(epoch, end);
        };
    }

    /** Writes the block of a header. The other bytes of the block are zeros. */
    void put(byte[] file, SegmentHeader header) {
        copy(header.encode(checksum), file, 0);
    }

    /** Writes a group header of any kind and with any content, at an offset that the fuzz data selects. */
    void putGroupHeader(byte[] file, SegmentHeader header) {
        Landmarks marks = new Landmarks(file, header);
        long offset = marks.offset();
        ByteBuffer group = ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        GroupHeader.encode(
                group,
                0,
                kind(),
                (int) Numbers.near(data, 0, header.fileLength() - offset, Layout.GROUP_HEADER_BYTES),
                (int) Numbers.near(data, 0, 1),
                marks.id(),
                new Declaration(marks.id(), marks.id()),
                checksum,
                header.salt(),
                offset);
        copy(group.array(), file, offset);
    }

    /** Writes a complete group of records. Only its ids and the ends of its batches may be false. */
    void putRecords(byte[] file, SegmentHeader header) {
        Landmarks marks = new Landmarks(file, header);
        long offset = marks.offset();
        int count = data.consumeByte() & 3;
        ByteBuffer group = ByteBuffer.allocate(Layout.GROUP_HEADER_BYTES + count * Frame.bytes(MAX_DATA_BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        int at = Layout.GROUP_HEADER_BYTES;
        for (int i = 0; i < count; i++) {
            int bytes = (data.consumeByte() & 0xff) * MAX_DATA_BYTES / 255;
            Frame.putLength(group, at, bytes);
            if (data.consumeByte() < 0) Frame.continueBatch(group, at);
            group.putInt(
                    at, Frame.checksum(group, at, Frame.dataBytes(group, at), checksum, header.salt(), offset + at));
            at += Frame.bytes(bytes);
        }
        GroupHeader.encode(
                group,
                0,
                GroupKind.RECORDS,
                at - Layout.GROUP_HEADER_BYTES,
                count,
                marks.id(),
                new Declaration(marks.id(), Numbers.near(data, header.trimPoint(), -1)),
                checksum,
                header.salt(),
                offset);
        copy(Arrays.copyOf(group.array(), (int) Layout.aligned(at)), file, offset);
    }

    /** Writes a frame of any length. If the frame fits into the file, its checksum is correct. */
    void putFrame(byte[] file, SegmentHeader header) {
        long offset = new Landmarks(file, header).offset() + Layout.GROUP_HEADER_BYTES;
        int bytes = (int) Numbers.near(data, 0, header.recordLimit()) & Integer.MAX_VALUE;
        if (offset >= 0 && offset + Frame.bytes(0) <= file.length) {
            int at = (int) offset;
            ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            Frame.putLength(buffer, at, bytes);
            if (!data.consumeBoolean()) Frame.continueBatch(buffer, at);
            if (bytes <= file.length - at - Frame.bytes(0)) {
                buffer.putInt(
                        at, Frame.checksum(buffer, at, Frame.dataBytes(buffer, at), checksum, header.salt(), offset));
            }
        }
    }

    /** Writes a footer at its correct offset, with any content and any index. */
    void putFooter(byte[] file, SegmentHeader header) {
        Landmarks marks = new Landmarks(file, header);
        int[] index = new int[(data.consumeByte() & 3) * 3];
        for (int i = 0; i < index.length; i++) {
            index[i] = (int) Numbers.near(data, 0, 4096, 4136);
        }
        SegmentHeader claimed = new SegmentHeader(
                header.epoch(),
                Numbers.near(data, header.baseId()),
                header.fileLength(),
                header.recordLimit(),
                header.pinned(),
                header.logId(),
                header.salt(),
                header.trimPoint(),
                header.predecessor());
        long nextId = marks.id();
        byte[] footer = new Footer(
                        nextId,
                        Numbers.near(data, 4096, Layout.groupsEnd(header.fileLength())),
                        Numbers.near(data, header.epoch()),
                        marks.id(),
                        index,
                        nextId - 1)
                .encode(claimed, checksum, index, index.length / 3);
        copy(footer, file, Layout.footerOffset(header.fileLength()));
    }

    private GroupKind kind() {
        GroupKind[] kinds = GroupKind.values();
        return kinds[(data.consumeByte() & 0xff) % kinds.length];
    }

    /** Offsets and ids of the groups in a file. Forged values near them are likely to collide with existing content. */
    private final class Landmarks {
        private final List<Long> offsets = new ArrayList<>();
        private final List<Long> ids = new ArrayList<>();

        private Landmarks(byte[] file, SegmentHeader header) {
            ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            GroupHeader group = new GroupHeader();
            offsets.addAll(List.of(4096L, Layout.slotOffset(header.fileLength())));
            ids.addAll(List.of(header.baseId(), header.trimPoint()));
            for (int at = Layout.HEADER_BYTES; at + Layout.GROUP_HEADER_BYTES <= file.length; at += Layout.ALIGNMENT) {
                if (group.read(bytes, at, checksum, header.salt(), at)) {
                    offsets.addAll(
                            List.of((long) at, Layout.aligned(at + Layout.GROUP_HEADER_BYTES + group.bodyBytes())));
                    ids.addAll(List.of(group.firstId() + group.count(), group.durableId()));
                }
            }
        }

        /** Returns an offset, mostly near the start or end of a group and aligned like a group. */
        private long offset() {
            long near = Numbers.near(data, numbers(offsets));
            return data.consumeByte() == 0 ? near : near & -Layout.ALIGNMENT;
        }

        private long id() {
            return Numbers.near(data, numbers(ids));
        }

        private static long[] numbers(List<Long> list) {
            return list.stream().mapToLong(Long::longValue).toArray();
        }
    }

    private static void copy(byte[] bytes, byte[] file, long offset) {
        if (offset >= 0 && offset < file.length) {
            System.arraycopy(bytes, 0, file, (int) offset, (int) Math.min(bytes.length, file.length - offset));
        }
    }
}
