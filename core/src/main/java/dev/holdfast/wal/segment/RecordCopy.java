package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Consecutive records of a segment on their way into another one, where they are one group. They pass through a buffer
 * that is filled up to {@link Layout#CHUNK_BYTES} or a quarter of the segment's length, and holds one record more,
 * however many records there are. One thread at a time.
 */
final class RecordCopy {
    private final Segment from;
    private final long lastId;
    private final ReadBuffer window;
    private final GroupBuffer chunk = new GroupBuffer();
    private final long groupBytes;

    /**
     * Reads the first chunk.
     *
     * @param end where the last record ends in its segment
     * @param window to read through, which nobody else uses until all is read
     */
    RecordCopy(Segment from, long firstId, long lastId, long end, ReadBuffer window) throws IOException {
        this.from = from;
        this.lastId = lastId;
        this.window = window;
        long begin = read(firstId);
        this.groupBytes = isAllRead() ? chunk.alignedLength() : Layout.aligned(Layout.GROUP_HEADER_BYTES + end - begin);
    }

    /** The records that were read last. */
    GroupBuffer chunk() {
        return chunk;
    }

    /** Whether none follow those in the chunk. */
    boolean isAllRead() {
        return chunk.lastId() == lastId;
    }

    /** At least as many bytes as the group has. */
    long groupBytes() {
        return groupBytes;
    }

    /** Reads the next chunk. */
    void readOn() throws IOException {
        read(chunk.lastId() + 1);
    }

    /** Reads records up to the last, or until the chunk is full; returns where the first begins. */
    private long read(long firstId) throws IOException {
        RecordWalk walk = new RecordWalk(window);
        long limit = from.header().fileLength();
        long begin = -1;
        long full = Math.min(Layout.CHUNK_BYTES, limit / 4);
        chunk.clear(firstId);
        ReadableFile file = from.acquire();
        try {
            walk.seek(from, file, firstId, lastId, limit);
            while (!isAllRead() && chunk.length() < full) {
                walk.next(limit);
                ByteBuffer data = walk.data();
                chunk.reserve(Layout.FRAME_HEADER_BYTES + data.remaining());
                chunk.add(data, data.position(), data.remaining(), walk.endsBatch());
                begin = begin < 0 ? walk.frameOffset() : begin;
            }
        } finally {
            window.look(null);
            from.release();
        }
        if (isAllRead()) {
            // A truncation may keep part of a batch: then that part is a batch now.
            chunk.endBatch();
        }
        return begin;
    }
}
