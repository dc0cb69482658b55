package dev.holdfast.wal.memory;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A cursor of a {@link MemoryLog}. Accesses the log under the log's lock. */
final class MemoryCursor implements LogCursor {
    private final MemoryLog log;
    private MemoryLog.Cut seenCut;
    private @Nullable LogRecord current;
    private volatile boolean closed;

    /** Whether the cursor has returned a record. */
    private boolean resolved;

    /** Id of the next record; before the first step, the minimum id to start at. */
    private long place;

    /** Creates a cursor. The caller holds the log's lock. */
    MemoryCursor(MemoryLog log, long startId) {
        this.log = log;
        this.seenCut = log.newestCut;
        this.place = startId;
    }

    @Override
    public boolean next() throws RecordsRemovedException {
        log.lock.lock();
        try {
            return advance();
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    public boolean next(Duration timeout) throws RecordsRemovedException, InterruptedException {
        log.hooks.refuseHook();
        long nanos = TimeUnit.NANOSECONDS.convert(timeout);
        current = null;
        log.lock.lockInterruptibly();
        try {
            while (!advance()) {
                if (nanos <= 0) return false;
                nanos = log.changed.awaitNanos(nanos);
            }
            return true;
        } finally {
            log.lock.unlock();
        }
    }

    private boolean advance() throws RecordsRemovedException {
        current = null;
        checkOpen();
        log.checkOpen();
        passCuts();
        long id = resolved ? place : Math.max(place, log.ids.first());
        if (id < log.ids.first()) throw removed(id, log.ids.first() - 1);
        current = log.records.get(id);
        if (current == null) return false;
        resolved = true;
        place = id + 1;
        return true;
    }

    /** Passes the cuts since the last step. If a cut removed the current record, this and all later steps throw. */
    private void passCuts() throws RecordsRemovedException {
        for (MemoryLog.Cut cut = seenCut.later; cut != null; cut = cut.later) {
            if (resolved && cut.firstRemovedId < place) throw removed(cut.firstRemovedId, cut.lastRemovedId);
            seenCut = cut;
        }
    }

    private RecordsRemovedException removed(long firstRemovedId, long lastRemovedId) {
        String message = "records " + firstRemovedId + " to " + lastRemovedId
                + " were removed, the last record this cursor showed is " + (place - 1);
        return new RecordsRemovedException(message, firstRemovedId, lastRemovedId);
    }

    @Override
    public long id() {
        return record().id();
    }

    @Override
    public ByteBuffer data() {
        return record().data();
    }

    @Override
    public LogRecord record() {
        checkOpen();
        LogRecord record = current;
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
            log.changed.signalAll();
        } finally {
            log.lock.unlock();
        }
    }
}
