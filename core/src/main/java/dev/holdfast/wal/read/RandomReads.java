package dev.holdfast.wal.read;

import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.Published;
import dev.holdfast.wal.segment.RecordWalk;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.Window;
import dev.holdfast.wal.segment.Windows;
import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.util.Optional;

/** Reads single records by id. Takes no lock, like a cursor, and looks again for the same reason. Thread-safe. */
public final class RandomReads {
    private final Published published;
    private final Windows windows;
    private final Growth growth;

    public RandomReads(Published published, Windows windows, Growth growth) {
        this.published = published;
        this.windows = windows;
        this.growth = growth;
    }

    /** A copy of a record; empty if the log does not hold it. */
    public Optional<LogRecord> read(long id) throws IOException {
        while (true) {
            Catalog catalog = published.catalog();
            try {
                if (id >= catalog.firstId() && id <= catalog.lastId()) {
                    return Optional.of(read(catalog, id));
                }
                growth.look();
                if (published.catalog() == catalog) {
                    return Optional.empty();
                }
            } catch (IOException e) {
                growth.look();
                if (published.catalog() == catalog) {
                    throw e;
                }
            }
        }
    }

    private LogRecord read(Catalog catalog, long id) throws IOException {
        Segment segment = catalog.find(id);
        Window window = windows.take();
        try {
            RecordWalk walk = new RecordWalk(window);
            long limit = catalog.limit(segment);
            ReadableFile file = segment.acquire();
            try {
                walk.seek(segment, file, id, catalog.lastIdIn(segment), limit);
                walk.next(limit);
                return LogRecord.of(id, walk.data());
            } finally {
                segment.release();
            }
        } finally {
            window.look(null);
            windows.give(window);
        }
    }
}
