package dev.holdfast.wal.segment;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Finds single records. The sparse index gives an offset before the record, from which the finder walks. It caches the
 * frame offsets up to the next index entry, so a later read of a record among them reads only one frame. The cache is
 * bounded: the segment that was cached first is evicted first. Thread-safe.
 */
public final class RecordFinder {
    private static final long MOST_BYTES = 16 << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final ArrayDeque<Segment> remembered = new ArrayDeque<>();
    private final long mostBytes;
    private long rememberedBytes;

    public RecordFinder() {
        this(MOST_BYTES);
    }

    RecordFinder(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /**
     * Returns a copy of a record that is known to exist in a segment.
     *
     * @param last the last existing id of the segment
     * @param limit end offset of the segment's immutable bytes
     */
    public LogRecord find(Segment segment, ReadableFile file, ReadBuffer window, long id, long last, long limit)
            throws IOException {
        int entry = segment.index().floor(id - segment.baseId());
        FrameTable table = entry < 0 ? null : segment.frames().get(entry);
        if (table != null && table.has(id)) {
            window.look(file);
            FrameCheck frame = new FrameCheck(segment.header(), window, new Checksum());
            if (frame.wholeBytes(table.offset(id), table.end(id), table.end(id)) >= 0) {
                return LogRecord.of(id, frame.data());
            }
            // There is no intact frame at the cached offset. The walk reports the reason.
        }
        RecordWalk walk = new RecordWalk(window);
        walk.seek(segment, file, id, last, limit);
        walk.next(limit);
        LogRecord record = LogRecord.of(id, walk.data());
        // Records may still be added after the last index entry, so the table of the last entry is not cached.
        if (table == null && entry >= 0 && entry + 1 < segment.index().entries()) {
            long next = segment.baseId() + segment.index().idDelta(entry + 1);
            remember(segment, entry, file, walk, Math.min(last, next - 1), limit);
        }
        return record;
    }

    private void remember(Segment segment, int entry, ReadableFile file, RecordWalk walk, long last, long limit) {
        FrameTable table;
        try {
            walk.seek(segment, file, segment.baseId() + segment.index().idDelta(entry), last, limit);
            walk.next(limit);
            table = FrameTable.of(walk, last, limit);
        } catch (IOException e) {
            return; // damage to another record, which a read of that record reports
        }
        lock.lock();
        try {
            if (segment.frames().bytes() == 0) {
                remembered.addLast(segment);
            }
            rememberedBytes += segment.frames().put(entry, table);
            while (rememberedBytes > mostBytes) {
                rememberedBytes -= remembered.removeFirst().frames().forget();
            }
        } finally {
            lock.unlock();
        }
    }
}
