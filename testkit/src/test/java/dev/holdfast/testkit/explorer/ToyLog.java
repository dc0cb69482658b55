package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The simplest correct log, used to test the explorer. Each {@link Flaw} adds one bug that the explorer must find.
 *
 * <p>All records are kept in memory. Every operation except an append writes all records to a new {@link ToyFile}.
 */
final class ToyLog implements Log {
    /** A bug that the explorer must find. */
    enum Flaw {
        APPENDS_WITHOUT_SYNC,
        NEVER_SYNCS_NAMES,
        PUBLISHES_BEFORE_WRITING,
        PUBLISHES_BEFORE_SYNCING,
        OPENS_WITHOUT_REWRITING,
        CONTINUES_AFTER_A_FAILED_WRITE,
        WRITES_RECORDS_ONE_BY_ONE,
        HAS_NO_CHECKSUM,
        DELETES_BEFORE_SYNCING,
        RENAMES_BEFORE_SYNCING,
        TRUNCATES_IN_MEMORY,
        FORGETS_THE_PIN,
        FORGETS_THE_NEXT_ID,
        TRIMS_ONE_TOO_MANY,
        REPORTS_ALL_RECORDS_AS_PROVEN,
        COMPLETES_OUT_OF_ORDER,
        SYNC_DOES_NOTHING,
        REPAIRS_WHEN_OPENED_READ_ONLY,
        CURSOR_IGNORES_REMOVALS,
        TAKES_NO_LOCK,
        KEEPS_THE_LOCK
    }

    private record Queued(List<byte[]> batch, CommitHook hook, CompletableFuture<Long> future) {}

    private final Storage storage;
    private final LogSettings settings;
    private final Environment workers;
    private final Set<Flaw> flaws;
    private final boolean readOnly;
    private final Deque<Queued> queue = new ArrayDeque<>();

    /** The last kept id of each truncation and reset. */
    private final List<Long> cuts = new ArrayList<>();

    private ToyFile file;
    private long firstId;
    private List<byte[]> records;
    private long nextId;
    private boolean pinned;
    private int shown;
    private boolean closed;
    private IOException failure;

    private ToyLog(Storage storage, LogSettings settings, Environment workers, Set<Flaw> flaws, boolean readOnly)
            throws IOException {
        this.storage = storage;
        this.settings = settings;
        this.workers = workers;
        this.flaws = flaws;
        this.readOnly = readOnly;
        boolean beside = readOnly && storage.holder().isPresent();
        if (!readOnly && !flaws.contains(Flaw.TAKES_NO_LOCK)) {
            storage.lock();
        }
        // While a writer is open, frames after the first may not be synced yet.
        int frames = beside ? 1 : Integer.MAX_VALUE;
        ToyFile.Found found = ToyFile.newest(storage, frames, !flaws.contains(Flaw.HAS_NO_CHECKSUM));
        records = new ArrayList<>(found.records());
        firstId = found.firstId();
        nextId = firstId + records.size();
        pinned = found.pinned() && !flaws.contains(Flaw.FORGETS_THE_PIN);
        if (flaws.contains(Flaw.FORGETS_THE_NEXT_ID) && records.isEmpty()) {
            nextId = 1;
            firstId = 1;
        }
        shown = records.size();
        if (!readOnly && flaws.contains(Flaw.OPENS_WITHOUT_REWRITING) && found.number() > 0) {
            file = ToyFile.reopen(storage, found);
        } else if (!readOnly || flaws.contains(Flaw.REPAIRS_WHEN_OPENED_READ_ONLY)) {
            rewrite(found.number() + 1);
        }
    }

    static Subject subject(Flaw... flaws) {
        Set<Flaw> set = EnumSet.noneOf(Flaw.class);
        set.addAll(Arrays.asList(flaws));
        return new Subject() {
            @Override
            public Log open(Storage storage, LogSettings settings, Environment workers) throws IOException {
                return new ToyLog(storage, settings, workers, set, false);
            }

            @Override
            public Log openReadOnly(Storage storage, LogSettings settings, Environment workers) throws IOException {
                return new ToyLog(storage, settings, workers, set, true);
            }

            @Override
            public OptionalLong unprovenFrom(Log readOnly) {
                ToyLog log = (ToyLog) readOnly;
                return set.contains(Flaw.REPORTS_ALL_RECORDS_AS_PROVEN) || log.records.isEmpty()
                        ? OptionalLong.empty()
                        : OptionalLong.of(log.firstId);
            }
        };
    }

    private void rewrite(long number) throws IOException {
        file = ToyFile.write(
                storage,
                number,
                new ToyFile.Found(number, 0, firstId, pinned, records),
                !flaws.contains(Flaw.RENAMES_BEFORE_SYNCING),
                !flaws.contains(Flaw.NEVER_SYNCS_NAMES),
                !flaws.contains(Flaw.DELETES_BEFORE_SYNCING));
    }

    private void rewriteAs(long first, List<byte[]> kept, long next, boolean pin) throws IOException {
        requireAppendable();
        drain();
        try {
            firstId = first;
            records = kept;
            shown = kept.size();
            nextId = next;
            pinned = pin;
            if (!flaws.contains(Flaw.TRUNCATES_IN_MEMORY)) {
                rewrite(file.number() + 1);
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private LogFailedException failed(IOException e) {
        if (!flaws.contains(Flaw.CONTINUES_AFTER_A_FAILED_WRITE)) {
            failure = e;
        }
        return new LogFailedException("the log has failed: " + e.getMessage(), e);
    }

    private void requireAppendable() throws IOException {
        requireOpen();
        if (failure != null) {
            throw new LogFailedException("the log has failed", failure);
        }
        if (readOnly) {
            throw new IllegalStateException("the log is read-only");
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the log is closed");
        }
    }

    private long write(List<byte[]> batch) throws IOException {
        requireAppendable();
        long first = nextId;
        if (records.isEmpty()) {
            firstId = first;
        }
        try {
            nextId += batch.size();
            records.addAll(batch);
            if (flaws.contains(Flaw.PUBLISHES_BEFORE_WRITING)) {
                shown = records.size();
            }
            boolean synced = settings.syncEachGroup() && !flaws.contains(Flaw.APPENDS_WITHOUT_SYNC);
            if (flaws.contains(Flaw.PUBLISHES_BEFORE_SYNCING)) {
                file.append(batch, false);
                shown = records.size();
                file.sync();
            } else if (flaws.contains(Flaw.WRITES_RECORDS_ONE_BY_ONE)) {
                for (byte[] record : batch) {
                    file.append(List.of(record), synced);
                }
            } else {
                file.append(batch, synced);
            }
            shown = records.size();
            return first;
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Writes the queued batches. The environment's completing executor completes the futures. */
    private void drain() {
        List<Runnable> completions = new ArrayList<>();
        for (Queued next = queue.poll(); next != null; next = queue.poll()) {
            CompletableFuture<Long> future = next.future();
            try {
                long id = write(next.batch());
                next.hook().committed(id);
                completions.add(() -> future.complete(id));
            } catch (IOException e) {
                completions.add(() -> future.completeExceptionally(e));
            }
        }
        if (flaws.contains(Flaw.COMPLETES_OUT_OF_ORDER)) {
            java.util.Collections.reverse(completions);
        }
        completions.forEach(workers.completing()::execute);
    }

    @Override
    public OptionalLong firstId() {
        requireOpen();
        return shown == 0 ? OptionalLong.empty() : OptionalLong.of(firstId);
    }

    @Override
    public OptionalLong lastId() {
        requireOpen();
        return shown == 0 ? OptionalLong.empty() : OptionalLong.of(firstId + shown - 1);
    }

    @Override
    public long nextId() {
        requireOpen();
        return shown == 0 ? nextId - (records.size() - shown) : firstId + shown;
    }

    @Override
    public Optional<LogRecord> read(long id) {
        requireOpen();
        boolean found = id >= firstId && id < firstId + shown;
        return found ? Optional.of(LogRecord.of(id, records.get((int) (id - firstId)))) : Optional.empty();
    }

    @Override
    public LogCursor cursor(long startId) {
        requireOpen();
        return new Cursor(startId);
    }

    @Override
    public void append(LogRecord... toAppend) throws IOException {
        append(List.of(toAppend));
    }

    @Override
    public void append(List<LogRecord> toAppend) throws IOException {
        requireAppendable();
        drain();
        long first = toAppend.get(0).id();
        if (first != nextId) {
            if (!records.isEmpty() || pinned) {
                throw new IllegalArgumentException("expected id " + nextId + ", found " + first);
            }
            rewriteAs(first, new ArrayList<>(), first, false);
        }
        write(toAppend.stream().map(record -> copy(record.data())).toList());
    }

    @Override
    public long append(ByteBuffer data) throws IOException {
        return appendAll(List.of(data));
    }

    @Override
    public long append(byte[] data) throws IOException {
        return append(ByteBuffer.wrap(data));
    }

    @Override
    public long appendAll(List<ByteBuffer> data) throws IOException {
        drain();
        return write(data.stream().map(ToyLog::copy).toList());
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> toAppend) {
        return appendAllAsync(toAppend.stream().map(LogRecord::data).toList()).thenApply(id -> null);
    }

    @Override
    public CompletableFuture<Long> appendAsync(ByteBuffer data) {
        return appendAllAsync(List.of(data));
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data) {
        return appendAllAsync(data, id -> {});
    }

    @Override
    public void append(List<LogRecord> toAppend, CommitHook hook) throws IOException {
        append(toAppend);
        hook.committed(toAppend.get(0).id());
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) throws IOException {
        long id = appendAll(data);
        hook.committed(id);
        return id;
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> toAppend, CommitHook hook) {
        return appendAllAsync(toAppend.stream().map(LogRecord::data).toList(), hook)
                .thenApply(id -> null);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        requireOpen();
        CompletableFuture<Long> future = new CompletableFuture<>();
        queue.add(new Queued(data.stream().map(ToyLog::copy).toList(), hook, future));
        workers.writing().execute(this::drain);
        return future;
    }

    private static byte[] copy(ByteBuffer data) {
        byte[] bytes = new byte[data.remaining()];
        data.get(data.position(), bytes);
        return bytes;
    }

    @Override
    public void truncate(long lastToKeep) throws IOException {
        requireAppendable();
        drain();
        requireAppendable();
        if (records.isEmpty() || lastToKeep >= nextId - 1) {
            return;
        }
        int kept = (int) Math.max(0, lastToKeep + 1 - firstId);
        long next = Math.max(lastToKeep + 1, firstId);
        cuts.add(lastToKeep);
        rewriteAs(kept == 0 ? next : firstId, new ArrayList<>(records.subList(0, kept)), next, false);
    }

    @Override
    public void trim(long discardUpTo) throws IOException {
        requireAppendable();
        drain();
        requireAppendable();
        long extra = flaws.contains(Flaw.TRIMS_ONE_TOO_MANY) ? 1 : 0;
        int removed = (int) Math.min(records.size(), discardUpTo + extra + 1 - firstId);
        if (removed > 0) {
            List<byte[]> kept = new ArrayList<>(records.subList(removed, records.size()));
            rewriteAs(firstId + removed, kept, nextId, false);
        }
    }

    @Override
    public void reset(long newNextId) throws IOException {
        cuts.add(-1L);
        rewriteAs(newNextId, new ArrayList<>(), newNextId, true);
    }

    @Override
    public void sync() throws IOException {
        requireAppendable();
        drain();
        requireAppendable();
        try {
            if (!flaws.contains(Flaw.SYNC_DOES_NOTHING)) {
                file.sync();
            }
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public LogStats stats() {
        LogStats.State state = failure == null ? LogStats.State.OPEN : LogStats.State.FAILED;
        return LogStats.builder(firstId(), lastId(), nextId(), state)
                .segments(1)
                .cause(failure)
                .build();
    }

    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        drain();
        try {
            if (file != null && failure == null) {
                file.sync();
            }
        } catch (IOException e) {
            throw failed(e);
        } finally {
            closed = true;
            workers.stop().run();
            if (!flaws.contains(Flaw.KEEPS_THE_LOCK)) {
                storage.close();
            }
        }
    }

    private final class Cursor implements LogCursor {
        private long next;
        private long id = -1;
        private long last = -1;
        private int cutsSeen;

        Cursor(long startId) {
            next = startId;
        }

        @Override
        public boolean next() throws IOException {
            boolean cut = cuts.subList(cutsSeen, cuts.size()).stream().anyMatch(end -> end < last);
            boolean gone = last >= 0 && (cut || firstId > last + 1);
            if (gone && !flaws.contains(Flaw.CURSOR_IGNORES_REMOVALS)) {
                throw new RecordsRemovedException("the records after " + last + " were removed", last, last);
            }
            cutsSeen = cuts.size();
            next = Math.max(next, firstId);
            boolean found = shown > 0 && next < firstId + shown;
            id = found ? next++ : -1;
            last = found ? id : last;
            return found;
        }

        @Override
        public boolean next(Duration timeout) throws IOException {
            return next();
        }

        @Override
        public long id() {
            return id;
        }

        @Override
        public ByteBuffer data() {
            return record().data();
        }

        @Override
        public LogRecord record() {
            return read(id).orElseThrow(IllegalStateException::new);
        }

        @Override
        public void close() {}
    }
}
