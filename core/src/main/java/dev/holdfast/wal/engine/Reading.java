package dev.holdfast.wal.engine;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.read.RandomReads;
import dev.holdfast.wal.read.StoredCursor;
import dev.holdfast.wal.read.TailPoll;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.CatalogHolder;
import dev.holdfast.wal.segment.ReadBufferPool;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** The reading half of a log, whether it is written here, by another process or not at all. */
final class Reading {
    private final String logName;
    private final CatalogHolder published;
    private final TailPoll poll;
    private final ReadBufferPool buffers = new ReadBufferPool();
    private final RandomReads randomReads;

    Reading(String logName, CatalogHolder published, TailPoll poll) {
        this.logName = logName;
        this.published = published;
        this.poll = poll;
        this.randomReads = new RandomReads(published, buffers, poll);
    }

    OptionalLong firstId() {
        return catalog().oldest();
    }

    OptionalLong lastId() {
        return catalog().newest();
    }

    /**
     * Returns the newest id that is at most {@code durableId}; the catalog is read first, since truncation lowers both.
     */
    OptionalLong lastIdUpTo(LongSupplier durableId) {
        Catalog catalog = catalog();
        long lastId = catalog.lastId();
        return catalog.newestUpTo(Math.min(lastId, durableId.getAsLong()));
    }

    long nextId() {
        return catalog().nextId();
    }

    LogCursor cursor(long startId) {
        IdSpan.checkReadableId(startId);
        catalog();
        return new StoredCursor(published, buffers, poll, startId);
    }

    Optional<LogRecord> read(long id) throws IOException {
        IdSpan.checkReadableId(id);
        catalog();
        return randomReads.read(id);
    }

    /** Ends all reading. An open cursor keeps its file until the cursor is closed. */
    void close() {
        published.close();
        randomReads.close();
    }

    private Catalog catalog() {
        if (published.isClosed()) {
            throw new IllegalStateException("the log is closed: " + logName);
        }
        return published.catalog();
    }
}
