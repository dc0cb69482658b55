package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.Layout;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Copies consecutive records of a segment into one group of another, in chunks, so memory does not depend on their
 * number. A chunk ends after {@link Layout#CHUNK_BYTES} or a quarter of the segment, plus up to one record. Not
 * thread-safe.
 */
public final class RecordCopy {
    private final Segment from;
    private final long lastId;
    private final ReadBuffer buffer;
    private final GroupBuffer chunk = new GroupBuffer();
    private final long groupBytes;

    /** Reads the first chunk. The last record ends at {@code end}. Nothing else may use {@code buffer} meanwhile. */
    public RecordCopy(Segment from, long firstId, long lastId, long end, ReadBuffer buffer) throws IOException {
        this.from = from;
        this.lastId = lastId;
        this.buffer = buffer;
        long readTo = read(firstId);
        this.groupBytes = Layout.aligned(chunk.length() + end - readTo);
    }

    public GroupBuffer chunk() {
        return chunk;
    }

    public boolean isAllRead() {
        return chunk.lastId() == lastId;
    }

    /** Returns an upper bound of the group's length in bytes. */
    public long groupBytes() {
        return groupBytes;
    }

    /** Reads the next chunk. Returns false if there is none. */
    public boolean readOn() throws IOException {
        if (isAllRead()) return false;
        read(chunk.lastId() + 1);
        return true;
    }

    /** Reads records up to the last one or until the chunk is full; returns the end offset of the last one read. */
    private long read(long firstId) throws IOException {
        long limit = from.header().fileLength();
        long full = Math.min(Layout.CHUNK_BYTES, limit / 4);
        chunk.clear(firstId);
        buffer.look(from.acquire(), limit);
        try {
            RecordWalk walk = new RecordWalk(from, firstId, lastId, buffer);
            while (!isAllRead() && chunk.length() < full) {
                walk.next();
                ByteBuffer data = walk.record().data();
                chunk.reserve(Layout.FRAME_HEADER_BYTES + data.remaining());
                chunk.add(data, data.position(), data.remaining());
                // A truncation may keep a part of a batch. This part is a batch now.
                if (!walk.record().endsBatch() && walk.record().id() != lastId) chunk.continueBatch();
            }
            return walk.record().frameEnd();
        } finally {
            from.release();
        }
    }
}
