package dev.holdfast.wal.segment;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Finds single records of segments. The sparse index leads to a place before the record, from where it walks; and it
 * remembers where the frames stand up to the next entry of the index, so that the next record from there costs one read
 * of its frame alone. What is remembered is bounded: the segment that was first is forgotten first. Thread-safe.
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

    /** A finder that remembers so many bytes at the most. */
    RecordFinder(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /**
     * A copy of a record that is known to be there.
     *
     * @param file the segment's
     * @param last the last id of this segment that there is
     * @param limit where the bytes end that will not change any more
     */
    public LogRecord find(Segment segment, ReadableFile file, ReadBuffer window, long id, long last, long limit)
            throws IOException {
        int entry = segment.index().floor(id - segment.baseId());
        FrameTable table = entry < 0 ? null : segment.frames().get(entry);
        if (table != null && table.has(id)) {
            LogRecord record = readAlone(segment, table, file, window, id);
            if (record != null) {
                return record;
            }
        }
        RecordWalk walk = new RecordWalk(window);
        walk.seek(segment, file, id, last, limit);
        walk.next(limit);
        LogRecord record = LogRecord.of(id, walk.data());
        // Behind the last entry there may come more.
        if (table == null && entry >= 0 && entry + 1 < segment.index().entries()) {
            long next = segment.baseId() + segment.index().idDelta(entry + 1);
            remember(segment, entry, file, walk, Math.min(last, next - 1), limit);
        }
        return record;
    }

    /** Null if the frame does not stand there: then a walk will tell why. */
    private static @Nullable LogRecord readAlone(
            Segment segment, FrameTable table, ReadableFile file, ReadBuffer window, long id) throws IOException {
        window.look(file);
        FrameCheck frame = new FrameCheck(segment.header(), window, new Checksum());
        boolean whole = frame.wholeBytes(table.offset(id), table.end(id), table.end(id)) >= 0;
        return whole ? LogRecord.of(id, frame.data()) : null;
    }

    private void remember(Segment segment, int entry, ReadableFile file, RecordWalk walk, long last, long limit) {
        FrameTable table;
        try {
            walk.seek(segment, file, segment.baseId() + segment.index().idDelta(entry), last, limit);
            walk.next(limit);
            table = FrameTable.of(walk, last, limit);
        } catch (IOException e) {
            // Of another record: who asks for that one will hear of it.
            return;
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
