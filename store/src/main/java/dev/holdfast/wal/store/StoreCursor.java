package dev.holdfast.wal.store;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Reads one log of a store. Reads through the shared log where the log's records are close to each other. */
final class StoreCursor implements LogCursor {
    /** Places that are skipped by reading through them; a record further away is read by itself. */
    private static final int READ_THROUGH = 4;

    private final StoreLog handle;
    private final LogState log;
    private final SharedReader reader;
    private final Log shared;
    private volatile boolean closed;
    private @Nullable ByteBuffer current;
    private boolean resolved;
    private long next; // id of the next record, or the smallest to begin with
    private long truncations;

    private volatile @Nullable LogCursor through; // the shared log's cursor, at the place of the current record
    private long place = Places.NOWHERE;

    StoreCursor(StoreLog handle, LogState log, SharedReader reader, Log shared, long startId) {
        this.handle = handle;
        this.log = log;
        this.reader = reader;
        this.shared = shared;
        this.next = startId;
    }

    @Override
    public boolean next() throws IOException {
        handle.store().refresh();
        return step();
    }

    private boolean step() throws IOException {
        for (int attempt = 1; ; attempt++) {
            long id;
            long count;
            current = null;
            log.lock.lock();
            try {
                checkOpen();
                handle.checkOpen();
                if (resolved && log.truncations.removed(next - 1, truncations)) throw removed(next - 1, next - 1);
                id = resolved ? next : Math.max(next, log.ids.first());
                if (id < log.ids.first()) throw removed(id, log.ids.first() - 1);
                if (id >= log.ids.next()) return false;
                count = log.truncations.count();
            } finally {
                log.lock.unlock();
            }
            long at = reader.locate(log, id);
            ByteBuffer data = at == Places.NOWHERE ? null : read(at, id);
            if (data != null) {
                current = data.asReadOnlyBuffer();
                resolved = true;
                next = id + 1;
                truncations = count;
                return true;
            }
            if (attempt == SharedReader.ATTEMPTS) throw SharedReader.lost(log, id, at);
        }
    }

    private RecordsRemovedException removed(long firstRemovedId, long lastRemovedId) {
        String message = "records " + firstRemovedId + " to " + lastRemovedId
                + " were removed, the last record this cursor showed is " + (next - 1);
        return new RecordsRemovedException(message, firstRemovedId, lastRemovedId);
    }

    /** Reads the record at a place; null if it was trimmed. */
    private @Nullable ByteBuffer read(long at, long id) throws IOException {
        long distance = at - place;
        if (place == Places.NOWHERE || distance <= 0 || distance > READ_THROUGH) {
            endReadingThrough();
            place = at;
            return reader.readAt(at, log.number, id);
        }
        LogCursor cursor = through;
        if (cursor == null) {
            cursor = shared.cursor(at);
            through = cursor;
            if (closed) { // another thread closed this cursor, and did not see the shared one
                cursor.close();
            }
        }
        try {
            do {
                if (!cursor.next()) {
                    endReadingThrough();
                    return reader.readAt(at, log.number, id);
                }
            } while (cursor.id() < at);
        } catch (RecordsRemovedException | CorruptLogException e) {
            // A record of another log is damaged, or the place was trimmed.
            endReadingThrough();
            return reader.readAt(at, log.number, id);
        }
        place = at;
        if (cursor.id() != at) {
            endReadingThrough();
            return null;
        }
        return reader.check(StoreRecord.decode(at, cursor.data()), log.number, id);
    }

    private void endReadingThrough() {
        LogCursor cursor = through;
        through = null;
        place = Places.NOWHERE;
        if (cursor != null) {
            cursor.close();
        }
    }

    @Override
    public boolean next(Duration timeout) throws IOException, InterruptedException {
        handle.refuseHook();
        long wait = TimeUnit.NANOSECONDS.convert(timeout);
        long deadline = System.nanoTime() + wait;
        current = null;
        while (true) {
            if (Thread.interrupted()) throw new InterruptedException();
            long seen = changes();
            if (next()) return true;
            if (wait <= 0 || deadline - System.nanoTime() <= 0) return false;
            if (handle.store().awaitAsFollower(log, seen, deadline - System.nanoTime())) continue;
            log.lock.lockInterruptibly();
            try {
                log.waitingCursors++;
                while (log.changes == seen && !closed) {
                    long nanos = deadline - System.nanoTime();
                    if (nanos <= 0) return false;
                    long unused = log.changed.awaitNanos(nanos);
                }
            } finally {
                log.waitingCursors--;
                log.lock.unlock();
            }
        }
    }

    private long changes() {
        log.lock.lock();
        try {
            return log.changes;
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    public long id() {
        requireCurrent();
        return next - 1;
    }

    @Override
    public ByteBuffer data() {
        return requireCurrent().asReadOnlyBuffer();
    }

    @Override
    public LogRecord record() {
        return LogRecord.of(next - 1, requireCurrent());
    }

    private ByteBuffer requireCurrent() {
        checkOpen();
        ByteBuffer record = current;
        if (record == null) {
            throw new IllegalStateException("the cursor shows no record: the last next() did not return true");
        }
        return record;
    }

    private void checkOpen() {
        if (closed) throw new IllegalStateException("the cursor is closed");
    }

    @Override
    public void close() {
        log.lock.lock();
        try {
            closed = true;
            log.wakeCursors();
        } finally {
            log.lock.unlock();
        }
        LogCursor cursor = through;
        if (cursor != null) {
            cursor.close();
        }
    }
}
