package dev.holdfast.wal.store;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.ids.IdSpan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** One log of a store, as long as its handle is open. All state is in {@link LogState}. */
final class StoreLog implements Log {
    private final LogStore store;
    private final Writer writer;
    private final SharedReader reader;
    private final Completions.Line completions;
    private final FuturesInFlight inFlight = new FuturesInFlight();
    private final long appendedRecordsBefore;
    private final long appendedBytesBefore;
    private final long appendsBefore;
    final LogState log;
    private volatile boolean closing; // set while numbering is locked
    private volatile boolean closed;
    private volatile @Nullable LogStats lastStats;

    StoreLog(LogStore store, LogState log, Writer writer, SharedReader reader, Completions completions) {
        this.store = store;
        this.log = log;
        this.writer = writer;
        this.reader = reader;
        this.completions = completions.new Line();
        appendedRecordsBefore = log.appendedRecords;
        appendedBytesBefore = log.appendedBytes;
        appendsBefore = log.appends;
    }

    LogStore store() {
        return store;
    }

    boolean belongsTo(LogStore other) {
        return store == other;
    }

    void refuseHook() {
        writer.hooks.refuseHook();
    }

    void checkOpen() {
        if (closed) throw new IllegalStateException("the log is closed: " + LogStore.quoted(log.name));
        if (log.deleted) throw LogStore.deleted(log.name);
    }

    /** Checks that changes are accepted. Hooks of earlier appends may still read while the log is being closed. */
    void checkWritable() {
        if (closing) throw new IllegalStateException("the log is closed: " + LogStore.quoted(log.name));
        checkOpen();
    }

    private interface Reading<T> {
        T read();
    }

    private <T> T reading(Reading<T> action) {
        store.refreshIfPossible();
        log.lock.lock();
        try {
            checkOpen();
            return action.read();
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    public OptionalLong firstId() {
        return reading(() -> log.ids.firstId());
    }

    @Override
    public OptionalLong lastId() {
        return reading(() -> log.ids.lastId());
    }

    @Override
    public long nextId() {
        return reading(() -> log.ids.next());
    }

    @Override
    public LogCursor cursor(long startId) {
        IdSpan.checkReadableId(startId);
        return reading(() -> new StoreCursor(this, log, reader, store.shared(), startId));
    }

    @Override
    public Optional<LogRecord> read(long id) throws IOException {
        IdSpan.checkReadableId(id);
        reading(() -> true);
        store.refresh();
        ByteBuffer data = reader.read(log, id);
        return data == null ? Optional.empty() : Optional.of(LogRecord.wrap(id, data));
    }

    @Override
    public void append(List<LogRecord> records, CommitHook hook) throws IOException {
        append(Batch.of(records, LogRecord.MAX_DATA_BYTES), hook);
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) throws IOException {
        return append(Batch.withoutIds(data, LogRecord.MAX_DATA_BYTES), hook);
    }

    private long append(Batch batch, CommitHook hook) throws IOException {
        java.util.Objects.requireNonNull(hook);
        AppendCall call = new AppendCall(batch, hook);
        store.commitAppend(call);
        return call.firstId;
    }

    /** Numbers the records of an append. */
    private final class AppendCall implements Writer.Call {
        private final Batch batch;
        private final CommitHook hook;
        private long firstId;

        AppendCall(Batch batch, CommitHook hook) {
            this.batch = batch;
            this.hook = hook;
        }

        @Override
        public void number(Draft draft) {
            checkWritable();
            if (batch.isEmpty()) {
                firstId = nextId();
                return;
            }
            firstId = numberAppend(draft, log, batch);
            draft.hook(hook, writer.hooks, firstId);
        }
    }

    /** Adds the records of an append to a batch, and returns the id of the first. */
    static long numberAppend(Draft draft, LogState log, Batch batch) {
        LogState.Numbered numbered = draft.numbered(log);
        long firstId = numbered.ids.checkAppend(batch.firstId(), batch.count());
        boolean anywhere = numbered.ids.startsElsewhere(firstId);
        numbered.ids.append(firstId, batch.count());
        draft.addAppend(log.number, firstId, anywhere, batch.data());
        return firstId;
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
        return appendAsync(Batch.of(records, LogRecord.MAX_DATA_BYTES), hook, firstId -> null);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        return appendAsync(Batch.withoutIds(data, LogRecord.MAX_DATA_BYTES), hook, firstId -> firstId);
    }

    private <T> CompletableFuture<T> appendAsync(Batch batch, CommitHook hook, LongFunction<@Nullable T> outcome) {
        java.util.Objects.requireNonNull(hook);
        refuseHook();
        checkWritable();
        AppendCall call = new AppendCall(batch, hook);
        long bytes = batch.dataBytes() + 64L * batch.count();
        try {
            inFlight.admit(bytes, completions.isCurrentThread());
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
        try {
            CompletableFuture<T> result = store.commitAsync(call, completions, () -> outcome.apply(call.firstId));
            CompletableFuture<T> unused = result.whenComplete((done, thrown) -> inFlight.release(bytes));
            return result;
        } catch (Throwable e) {
            inFlight.release(bytes);
            throw e;
        }
    }

    @Override
    public void truncate(long lastToKeep) throws IOException {
        remove(numbered -> numbered.ids.truncate(lastToKeep), draft -> draft.addTruncate(log.number, lastToKeep));
    }

    @Override
    public void trim(long discardUpTo) throws IOException {
        remove(numbered -> numbered.ids.trim(discardUpTo), draft -> draft.addTrim(log.number, discardUpTo));
    }

    private interface Removal {
        boolean changes(LogState.Numbered numbered);
    }

    private interface Addition {
        void add(Draft draft);
    }

    private void remove(Removal removal, Addition record) throws IOException {
        store.commitRemoval(draft -> {
            checkWritable();
            numberRemoval(draft, removal, record);
        });
    }

    private void numberRemoval(Draft draft, Removal removal, Addition record) {
        LogState.Numbered numbered = draft.numbered(log);
        boolean changes = removal.changes(numbered);
        // A removal with no effect waits for the changes in flight: these may be the reason that it has no effect.
        if (changes || !writer.isSettled(log.numbered)) {
            record.add(draft);
        }
    }

    @Override
    public void reset(long nextId) throws IOException {
        store.commitRemoval(draft -> {
            checkWritable();
            draft.numbered(log).ids.reset(nextId);
            draft.addReset(log.number, nextId);
        });
    }

    @Override
    public void sync() throws IOException {
        refuseHook();
        reading(() -> true);
        writer.checkUsable();
        store.shared().sync();
    }

    @Override
    public LogStats stats() {
        LogStats last = lastStats;
        if (last != null) return last;
        return statsNow();
    }

    private LogStats statsNow() {
        Throwable failure = writer.failure();
        LogStats.State state = closed ? LogStats.State.CLOSED : store.state(failure);
        log.lock.lock();
        try {
            return LogStats.builder(log.ids.firstId(), log.ids.lastId(), log.ids.next(), state)
                    .bytes(log.liveBytes)
                    .appendedRecords(log.appendedRecords - appendedRecordsBefore)
                    .appendedBytes(log.appendedBytes - appendedBytesBefore)
                    .groups(log.appends - appendsBefore)
                    .cause(closed ? null : failure)
                    .build();
        } finally {
            log.lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        refuseHook();
        store.closing(this);
        closeHandle();
    }

    /** Refuses changes from now on, and waits until every change of this log is settled. */
    void closeHandle() {
        writer.whileLocked(() -> closing = true);
        writer.awaitSettled(log);
        closed = true;
        lastStats = statsNow();
        wakeCursors();
    }

    void wakeCursors() {
        log.lock.lock();
        try {
            log.wakeCursors();
        } finally {
            log.lock.unlock();
        }
    }

    /** Bytes of the futures of one log whose continuations have not run. */
    private static final class FuturesInFlight {
        /** A quarter of what the shared log admits unless set, so one log leaves room for others. */
        private static final long MAX_BYTES = 16L << 20;

        private long bytes;

        /** Waits for room, except on the thread that runs continuations: only that thread makes room. */
        synchronized void admit(long more, boolean completing) throws CallRefusedException {
            if (completing) {
                if (bytes + more > 2 * MAX_BYTES && bytes > MAX_BYTES) {
                    throw new CallRefusedException(
                            bytes + " bytes are in flight, the limit is " + MAX_BYTES
                                    + ", and continuations append more than completes. Nothing of this append was "
                                    + "written. Append less in continuations, or append on another thread.",
                            null);
                }
                bytes += more;
                return;
            }
            boolean interrupted = false;
            while (bytes > 0 && bytes + more > MAX_BYTES) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            bytes += more;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        synchronized void release(long less) {
            bytes -= less;
            notifyAll();
        }
    }
}
