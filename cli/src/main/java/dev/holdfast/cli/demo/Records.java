package dev.holdfast.cli.demo;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * Iterates over all records that a cursor returns. The checker uses this class, so that the checker does not depend on
 * cursors.
 */
final class Records implements Iterator<LogRecord> {
    private final LogCursor cursor;
    private Optional<LogRecord> next = Optional.empty();

    Records(LogCursor cursor) {
        this.cursor = cursor;
    }

    @Override
    public boolean hasNext() {
        try {
            if (next.isEmpty() && cursor.next()) {
                next = Optional.of(cursor.record());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return next.isPresent();
    }

    @Override
    public LogRecord next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the cursor has no more records");
        }
        LogRecord record = next.orElseThrow();
        next = Optional.empty();
        return record;
    }
}
