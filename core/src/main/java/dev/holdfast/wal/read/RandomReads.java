package dev.holdfast.wal.read;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.ReadBufferPool;
import dev.holdfast.wal.segment.RecordFinder;
import dev.holdfast.wal.segment.Segment;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Reads records by id, without a lock. Repeats failed reads as {@link StoredCursor} does. Keeps up to
 * {@link #MOST_OPEN} files open between reads. Thread-safe.
 */
public final class RandomReads {
    private static final int MOST_OPEN = 16;
    private static final long MOST_CACHED_BYTES = 16 << 20;

    private final CatalogHolder published;
    private final ReadBufferPool buffers;
    private final TailPoll poll;
    private final RecordFinder finder = new RecordFinder(MOST_CACHED_BYTES);
    private final AtomicReferenceArray<Segment> open = new AtomicReferenceArray<>(MOST_OPEN);
    private volatile boolean closed;

    public RandomReads(CatalogHolder published, ReadBufferPool buffers, TailPoll poll) {
        this.published = published;
        this.buffers = buffers;
        this.poll = poll;
    }

    /** Returns a copy of a record; empty if the log does not hold it. */
    public Optional<LogRecord> read(long id) throws IOException {
        poll.lookIfStale(); // seam: read-poll
        while (true) {
            Catalog catalog = published.catalog();
            try {
                if (id >= catalog.firstId() && id <= catalog.lastId()) return Optional.of(read(catalog, id));
                poll.look();
                if (published.catalog() == catalog) return Optional.empty();
            } catch (IOException e) {
                poll.look();
                if (catalog.isSameAt(id, published.catalog())) throw e;
            }
        }
    }

    private LogRecord read(Catalog catalog, long id) throws IOException {
        Segment segment = catalog.find(id);
        ReadBuffer buffer = new ReadBuffer(buffers);
        buffer.look(segment.acquire(), catalog.limit(segment));
        try {
            keepOpen(segment);
            return finder.find(segment, id, catalog.lastIdIn(segment), buffer);
        } finally {
            buffer.release();
            segment.release();
        }
    }

    /** Keeps a segment's file open after a read. The caller must have the file open. May close another file. */
    private void keepOpen(Segment segment) {
        int place = (int) (segment.header().epoch() % MOST_OPEN);
        if (open.getPlain(place) == segment) return;
        segment.keepOpen();
        replace(place, segment);
        if (closed) {
            segment.letClose();
        }
    }

    private void replace(int place, @Nullable Segment successor) {
        Segment before = open.getAndSet(place, successor);
        if (before != null && before != successor) {
            before.letClose();
        }
    }

    /** Closes the files that are kept open. Reads in progress complete. */
    public void close() {
        closed = true;
        for (int place = 0; place < MOST_OPEN; place++) {
            replace(place, null);
        }
    }
}
