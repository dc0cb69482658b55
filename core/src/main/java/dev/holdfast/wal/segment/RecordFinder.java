package dev.holdfast.wal.segment;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.format.Layout;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds single records. The sparse index gives an offset before the record, from which the finder walks. It caches the
 * frame offsets up to the next index entry, so a later read of a record among them reads only one frame. The offsets
 * are hints: readers still verify the checksum. The cache is bounded: the offsets that were cached first are evicted
 * first. Thread-safe.
 */
public final class RecordFinder {
    private static final int BYTES_OF_EACH_TABLE = 112; // approximate memory use beside the offsets

    /** Maximum number of frames from one index entry to the next. A group of less than an interval has one entry. */
    private static final int MOST_FRAMES = 2 * Layout.INDEX_INTERVAL_BYTES / Layout.FRAME_HEADER_BYTES;

    /** Key of the frame offsets from an index entry of a segment on. Does not keep a removed segment in memory. */
    private record Table(long epoch, int entry) {}

    /** The frame offsets. The last number of a table is the end of the last frame. */
    private final ConcurrentHashMap<Table, int[]> tables = new ConcurrentHashMap<>();

    private final ArrayDeque<Table> oldestFirst = new ArrayDeque<>(); // guarded by itself, as are the bytes
    private final long mostBytes;
    long bytes; // approximate memory use of the tables

    public RecordFinder(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /** Returns a copy of an existing record; {@code last} is the segment's last. The buffer looks at its file. */
    public LogRecord find(Segment segment, long id, long last, ReadBuffer buffer) throws IOException {
        SegmentIndex index = segment.index();
        int entry = index.floor(id - segment.baseId());
        Table table = new Table(segment.header().epoch(), entry);
        int[] offsets = tables.get(table);
        LogRecord cached = offsets == null ? null : read(segment, entry, offsets, id, buffer);
        if (cached != null) return cached;
        RecordWalk walk = new RecordWalk(segment, id, last, buffer);
        walk.next();
        LogRecord record = LogRecord.of(id, walk.record().data());
        // Records may still be added after the last index entry of the tail, so the frames after it are not cached.
        boolean sealed = buffer.limit() == segment.header().fileLength();
        boolean followed = entry + 1 < index.entries();
        if (offsets == null && entry >= 0 && (followed || sealed)) {
            long end = followed ? segment.baseId() + index.idDelta(entry + 1) - 1 : last;
            cache(segment, table, Math.min(last, end), buffer);
        }
        return record;
    }

    /** Returns a record at its cached offset; null if there is none or its frame is invalid: a walk says why. */
    private static @Nullable LogRecord read(Segment segment, int entry, int[] offsets, long id, ReadBuffer buffer)
            throws IOException {
        long i = id - segment.baseId() - segment.index().idDelta(entry);
        if (i + 1 >= offsets.length) return null;
        GroupReader reader = new GroupReader(segment.header(), buffer);
        long offset = Integer.toUnsignedLong(offsets[(int) i]);
        long limit = buffer.limit();
        buffer.limit(Integer.toUnsignedLong(offsets[(int) i + 1])); // reads the frame and nothing ahead
        boolean valid = reader.nextAt(id, offset, buffer.limit());
        buffer.limit(limit);
        return valid ? LogRecord.of(id, reader.data()) : null;
    }

    private void cache(Segment segment, Table table, long last, ReadBuffer buffer) {
        long first = segment.baseId() + segment.index().idDelta(table.entry());
        if (last - first >= MOST_FRAMES) return;
        int[] offsets = new int[(int) (last - first) + 2];
        try {
            RecordWalk walk = new RecordWalk(segment, first, last, buffer);
            for (int i = 0; i + 1 < offsets.length; i++) {
                walk.next();
                offsets[i] = (int) walk.record().frame();
                offsets[i + 1] = (int) walk.record().frameEnd();
            }
        } catch (IOException e) {
            return; // damage to another record, which a read of that record reports
        }
        synchronized (oldestFirst) {
            if (tables.putIfAbsent(table, offsets) == null) {
                oldestFirst.add(table);
                bytes += memoryOf(offsets);
            }
            while (bytes > mostBytes) {
                int[] evicted = tables.remove(oldestFirst.remove());
                bytes -= evicted == null ? 0 : memoryOf(evicted);
            }
        }
    }

    private static long memoryOf(int[] offsets) {
        return BYTES_OF_EACH_TABLE + (long) Integer.BYTES * offsets.length;
    }
}
