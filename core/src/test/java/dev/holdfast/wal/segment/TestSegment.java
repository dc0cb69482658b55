package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.GroupKind;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A segment in memory that begins with record 100, written group by group by a log that syncs each group. */
public final class TestSegment {
    public static final long BASE_ID = 100;
    public static final long SALT = 0x0123456789abcdefL;

    public final HeapStorage storage = new HeapStorage().recordSteps();
    public final Segment segment;
    public final SegmentWriter writer;
    public final List<Group> groups = new ArrayList<>();
    private final int alignment;

    /** A group that was written, with its place. */
    public record Group(GroupKind kind, long offset, long end, List<Written> records) {}

    /** A record that was written, with its place. */
    public record Written(long id, String data, long offset, long end, boolean endsBatch) {}

    public TestSegment(long fileLength) throws IOException {
        this(fileLength, Layout.ALIGNMENT);
    }

    public TestSegment(long fileLength, int alignment) throws IOException {
        this.alignment = alignment;
        SegmentHeader header = new SegmentHeader(
                5, BASE_ID, fileLength, 1 << 20, false, new UUID(1, 2), SALT, BASE_ID - 1, new Predecessor.None());
        segment = new Segment(storage, header, new SegmentIndex());
        storage.put(segment.fileName(), new byte[(int) fileLength]);
        writer = SegmentWriter.create(segment, storage.openForWriting(segment.fileName()));
        writer.writeInitial();
    }

    /** Writes one group. Each argument is a batch of records separated by commas. */
    public TestSegment write(String... batches) throws IOException {
        GroupBuffer buffer = new GroupBuffer();
        buffer.clear(writer.nextId());
        List<Written> records = new ArrayList<>();
        for (String batch : batches) {
            String[] all = batch.split(",", -1);
            for (int i = 0; i < all.length; i++) {
                byte[] data = all[i].getBytes(StandardCharsets.UTF_8);
                boolean last = i == all.length - 1;
                long offset = writer.position() + buffer.length();
                records.add(new Written(buffer.lastId() + 1, all[i], offset, offset + Frame.bytes(data.length), last));
                buffer.reserve(Frame.bytes(data.length));
                buffer.add(data, 0, data.length);
                if (!last) buffer.continueBatch();
            }
        }
        long offset = writer.position();
        writer.write(buffer, alignment, SegmentWriter.Sync.NOW);
        groups.add(new Group(GroupKind.RECORDS, offset, offset + buffer.alignedLength(), records));
        return this;
    }

    public TestSegment mark(GroupKind kind) throws IOException {
        long offset = writer.position();
        writer.mark(kind);
        groups.add(new Group(kind, offset, writer.position(), List.of()));
        return this;
    }

    public TestSegment trim(long discardUpTo) throws IOException {
        long offset = writer.position();
        writer.trim(discardUpTo);
        groups.add(new Group(GroupKind.TRIM, offset, writer.position(), List.of()));
        return this;
    }

    public TestSegment markSlot(GroupKind kind) throws IOException {
        writer.markSlot(kind, SegmentWriter.Sync.NOW);
        return this;
    }

    public TestSegment close() throws IOException {
        return mark(GroupKind.CLOSE).markSlot(GroupKind.CLOSE);
    }

    /** Returns the file's bytes. Changing them changes the file. */
    public ByteBuffer buffer() throws IOException {
        return ByteBuffer.wrap(bytes()).order(ByteOrder.LITTLE_ENDIAN);
    }

    public byte[] bytes() throws IOException {
        return storage.bytes(segment.fileName());
    }

    public List<Written> records() {
        return groups.stream().flatMap(group -> group.records().stream()).toList();
    }

    /** Returns a scan that has read up to the end of the valid groups. */
    public TailScan scan() throws IOException {
        TailScan scan = new TailScan(
                new Segment(storage, segment.header(), new SegmentIndex()),
                storage.openForReading(segment.fileName()),
                new ReadBuffer(256));
        scan.proceed();
        return scan;
    }
}
