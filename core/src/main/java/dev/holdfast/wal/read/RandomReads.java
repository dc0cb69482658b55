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

/**
 * Reads records by id. Repeats failed reads as {@link StoredCursor} does. Keeps files open between reads
 * ({@link KeptFiles}). Thread-safe.
 */
public final class RandomReads {
    private static final long MOST_CACHED_BYTES = 16 << 20;

    private final CatalogHolder published;
    private final ReadBufferPool buffers;
    private final TailPoll poll;
    private final RecordFinder finder = new RecordFinder(MOST_CACHED_BYTES);
    private final KeptFiles files = new KeptFiles();

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
            files.keep(segment);
            return finder.find(segment, id, catalog.lastIdIn(segment), buffer);
        } finally {
            buffer.release();
            segment.release();
        }
    }

    /** Closes the files that are kept open. Reads in progress complete. */
    public void close() {
        files.close();
    }
}
