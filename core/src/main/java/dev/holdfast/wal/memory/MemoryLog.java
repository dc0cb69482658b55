package dev.holdfast.wal.memory;

import static java.util.Objects.requireNonNull;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.ids.TruncationHistory;
import dev.holdfast.wal.threads.DaemonThreads;
import dev.holdfast.wal.threads.HookThread;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log in memory; its records are lost when it is closed. A model of the contract of {@link Log}, and a test double
 * for code that uses a log. Behaves as a log on disk does, except that no I/O can fail and records are acknowledged at
 * once.
 *
 * <p>One lock guards the whole state. It is held only for work in memory, never while waiting. A second lock orders the
 * changes, and is also held while a commit hook runs. Readers do not take the second lock, so they do not wait for
 * hooks. A daemon thread that holds no lock completes the futures in the order of their appends. The thread ends when
 * no future is left, so a log that is dropped without {@link #close} leaks nothing.
 */
public final class MemoryLog implements Log {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReentrantLock changing = new ReentrantLock();
    private final HookThread hooks = new HookThread();
    private final ThreadPoolExecutor completions = DaemonThreads.executor("holdfast-memory-log", 1);

    private IdSpan ids = new IdSpan(); // replaced last, so a change without memory changes nothing
    private final List<LogRecord> records = new ArrayList<>(); // in id order, the first has the id ids.first()
    private TruncationHistory history = TruncationHistory.NONE;
    private boolean closed;

    private long appendedRecords;
    private long appendedBytes;
    private long appends;

    /** Creates an empty log. */
    public MemoryLog() {}

    @Override
    public OptionalLong firstId() {
        return whileOpen(() -> ids.firstId());
    }

    @Override
    public OptionalLong lastId() {
        return whileOpen(() -> ids.lastId());
    }

    @Override
    public long nextId() {
        return whileOpen(() -> ids.next());
    }

    @Override
    public LogCursor cursor(long startId) {
        IdSpan.checkReadableId(startId);
        return whileOpen(() -> new Cursor(startId));
    }

    @Override
    public Optional<LogRecord> read(long id) {
        IdSpan.checkReadableId(id);
        return whileOpen(() -> Optional.ofNullable(find(id)));
    }

    private @Nullable LogRecord find(long id) {
        return id < ids.first() || id >= ids.next() ? null : records.get((int) (id - ids.first()));
    }

    @Override
    public void append(LogRecord... records) {
        if (records.length == 0) throw new IllegalArgumentException("append() was called without a record");
        append(List.of(records));
    }

    @Override
    public void append(List<LogRecord> records) {
        append(records, CommitHook.NONE);
    }

    @Override
    public void append(List<LogRecord> records, CommitHook hook) {
        append(Batch.of(records, LogRecord.MAX_DATA_BYTES), hook);
    }

    @Override
    public long append(ByteBuffer data) {
        return appendAll(List.of(data));
    }

    @Override
    public long append(byte[] data) {
        return append(ByteBuffer.wrap(data));
    }

    @Override
    public long append(ByteBuffer data, CommitHook hook) {
        return appendAll(List.of(data), hook);
    }

    @Override
    public long appendAll(List<ByteBuffer> data) {
        return appendAll(data, CommitHook.NONE);
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) {
        return append(Batch.withoutIds(data, LogRecord.MAX_DATA_BYTES), hook);
    }

    private long append(Batch batch, CommitHook hook) {
        if (batch.isEmpty()) return commit(CommitHook.NONE, () -> ids.next()); // seam: memory-append
        return commit(hook, () -> {
            long firstId = ids.checkAppend(batch.firstId(), batch.count());
            store(firstId, batch);
            return firstId;
        });
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
        return acknowledgedLater(() -> {
            append(records, hook);
            return null;
        });
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        return acknowledgedLater(() -> appendAll(data, hook));
    }

    @Override
    public void truncate(long lastToKeep) {
        change(() -> {
            IdSpan left = ids.copy();
            if (left.truncate(lastToKeep)) {
                cut(lastToKeep);
                records.subList((int) (left.next() - ids.first()), records.size())
                        .clear();
                ids = left;
            }
        });
    }

    @Override
    public void trim(long discardUpTo) {
        change(() -> removeUpTo(discardUpTo)); // seam: memory-trim
    }

    private void removeUpTo(long discardUpTo) {
        IdSpan left = ids.copy();
        if (left.trim(discardUpTo)) {
            records.subList(0, (int) (left.first() - ids.first())).clear();
            ids = left;
        }
    }

    @Override
    public void reset(long nextId) {
        change(() -> {
            IdSpan left = ids.copy();
            left.reset(nextId);
            cut(-1);
            records.clear();
            ids = left;
        });
    }

    @Override
    public void sync() {
        change(() -> {});
    }

    @Override
    public LogStats stats() {
        lock.lock();
        try {
            LogStats.State state = closed ? LogStats.State.CLOSED : LogStats.State.OPEN;
            return LogStats.builder(ids.firstId(), ids.lastId(), ids.next(), state)
                    .appendedRecords(appendedRecords)
                    .appendedBytes(appendedBytes)
                    .groups(appends)
                    .build();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        hooks.refuseHook();
        changing.lock();
        lock.lock();
        try {
            closed = true;
            records.clear();
            changed.signalAll();
            completions.shutdown(); // the futures of earlier appends are still completed
        } finally {
            lock.unlock();
            changing.unlock();
        }
    }

    private <T> T whileOpen(Supplier<T> task) {
        lock.lock();
        try {
            checkOpen();
            return task.get();
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable task) {
        commit(CommitHook.NONE, () -> {
            task.run();
            return 0L;
        });
    }

    /** Applies a change after all earlier changes, and then runs the hook with the id that the change returns. */
    private long commit(CommitHook hook, Supplier<Long> task) {
        requireNonNull(hook);
        hooks.refuseHook();
        changing.lock(); // seam: memory-change-lock
        try {
            long firstId = whileOpen(task);
            CommitHookException failure = hooks.run(hook, CommitHookException.madeInAdvance(firstId));
            if (failure != null) throw failure;
            return firstId;
        } finally {
            changing.unlock(); // seam: memory-change-unlock
        }
    }

    private void checkOpen() {
        if (closed) throw new IllegalStateException("the log is closed");
    }

    /** Adds records with checked ids. Copies all before it adds the first: a failure adds none. */
    private void store(long firstId, Batch batch) {
        List<LogRecord> copies = new ArrayList<>(batch.count());
        for (ByteBuffer data : batch.data()) {
            copies.add(LogRecord.of(firstId + copies.size(), data));
        }
        if (ids.startsElsewhere(firstId)) {
            cut(-1);
        }
        records.addAll(copies);
        ids.append(firstId, copies.size());
        appendedRecords += copies.size();
        appendedBytes += batch.dataBytes();
        appends++;
        changed.signalAll();
    }

    /** Runs an append and returns its future, which is completed after the futures of earlier appends. */
    private <T extends @Nullable Object> CompletableFuture<T> acknowledgedLater(Supplier<T> append) {
        hooks.refuseHook();
        CompletableFuture<T> future = new CompletableFuture<>();
        changing.lock();
        try {
            completions.prestartCoreThread();
        } catch (OutOfMemoryError e) {
            changing.unlock();
            String why = "could not create the thread that completes the futures of appends (" + e
                    + "). Nothing was appended.";
            return CompletableFuture.failedFuture(new CallRefusedException(why, e));
        }
        try {
            T result = append.get();
            completions.execute(() -> future.complete(result));
        } catch (CommitHookException e) {
            completions.execute(() -> future.completeExceptionally(e));
        } finally {
            changing.unlock();
        }
        return future;
    }

    /** Notes that the records after an id are truncated, and wakes the cursors that wait. */
    private void cut(long lastKept) {
        history = history.and(lastKept);
        changed.signalAll();
    }

    /** A cursor of this log, which it accesses under the lock. */
    private final class Cursor implements LogCursor {
        private @Nullable LogRecord current;
        private volatile boolean cursorClosed;
        private boolean resolved; // whether the cursor has returned a record
        private long place; // id of the next record; before the first step, the minimum id to start at
        private long truncations; // number of truncations before the last step

        Cursor(long startId) {
            place = startId;
        }

        @Override
        public boolean next() throws RecordsRemovedException {
            lock.lock();
            try {
                return advance();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public boolean next(Duration timeout) throws RecordsRemovedException, InterruptedException {
            hooks.refuseHook();
            long nanos = TimeUnit.NANOSECONDS.convert(timeout);
            current = null;
            lock.lockInterruptibly();
            try {
                while (!advance()) {
                    if (nanos <= 0) return false;
                    nanos = changed.awaitNanos(nanos);
                }
                return true;
            } finally {
                lock.unlock();
            }
        }

        private boolean advance() throws RecordsRemovedException {
            current = null;
            checkCursorOpen();
            checkOpen();
            if (resolved && history.removed(place - 1, truncations)) throw removed(place - 1, place - 1);
            long id = resolved ? place : Math.max(place, ids.first());
            if (id < ids.first()) throw removed(id, ids.first() - 1);
            current = find(id);
            if (current == null) return false;
            resolved = true;
            place = id + 1;
            truncations = history.count();
            return true;
        }

        private RecordsRemovedException removed(long firstRemovedId, long lastRemovedId) {
            String ids = "records " + firstRemovedId + " to " + lastRemovedId;
            String message = ids + " were removed, the last record this cursor showed is " + (place - 1);
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
            checkCursorOpen();
            LogRecord record = current;
            if (record == null) {
                throw new IllegalStateException("the cursor shows no record: the last next() did not return true");
            }
            return record;
        }

        private void checkCursorOpen() {
            if (cursorClosed) throw new IllegalStateException("the cursor is closed");
        }

        @Override
        public void close() {
            lock.lock();
            try {
                cursorClosed = true;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
