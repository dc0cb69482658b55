package dev.holdfast.wal.engine;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.commit.CommitQueue;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.commit.Tail;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.read.RandomReads;
import dev.holdfast.wal.read.StoredCursor;
import dev.holdfast.wal.read.TailPoll;
import dev.holdfast.wal.recovery.OpenReport;
import dev.holdfast.wal.recovery.Recovery;
import dev.holdfast.wal.recovery.Recovery.Recovered;
import dev.holdfast.wal.segment.ReadBufferPool;
import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A log on a storage. Connects the parts, as docs/design.md shows, and checks the arguments of callers. */
public final class StoredLog implements Log {
    private final Storage storage;
    private final OpenReport opened;
    private final LogStats atOpening;
    private final CatalogHolder published;
    private final TailPoll poll; // a Follower if the log was opened for reading
    private final @Nullable Writer writer; // null if the log was opened for reading
    private final ReadBufferPool buffers = new ReadBufferPool();
    private final RandomReads randomReads;

    /** The parts that only a log opened for writing has. */
    private record Writer(Tail tail, CommitQueue queue, int maxRecordBytes, Runnable stopThreads) {}

    private StoredLog(
            Storage storage, OpenReport opened, CatalogHolder published, TailPoll poll, @Nullable Writer writer) {
        this.storage = storage;
        this.opened = opened;
        this.atOpening = published.catalog().stats(LogStats.State.OPEN).build();
        this.published = published;
        this.poll = poll;
        this.writer = writer;
        this.randomReads = new RandomReads(published, buffers, poll);
    }

    /** Returns whether a storage holds a log, damaged or not. Any file with a segment's name counts as a log. */
    public static boolean isIn(Storage storage) throws IOException {
        return storage.list().stream()
                .anyMatch(file -> SegmentName.parse(file.name()).isPresent());
    }

    /**
     * Opens a log for writing: locks the storage, and recovers the log or creates one. The log owns the storage from
     * now on, even if this method throws.
     */
    public static StoredLog open(Storage storage, LogSettings settings, Environment environment) throws IOException {
        try {
            storage.lock(); // seam: open-lock
            Recovered recovered = new Recovery(
                            storage, settings.maxRecordBytes(), settings.firstSegmentBytes(), environment.random())
                    .run();
            recovered.chain().spares().use(settings.segmentBytes(), environment.nanoTime(), environment.maintaining());
            CatalogHolder published = new CatalogHolder(recovered.catalog());
            Tail tail = new Tail(recovered.chain(), recovered.writer(), published, settings, environment.removing());
            CommitQueue queue = new CommitQueue(storage.name(), settings, environment, tail, published);
            Writer writer = new Writer(tail, queue, settings.maxRecordBytes(), environment.stop());
            return new StoredLog(storage, recovered.report(), published, TailPoll.SHOWN_BY_WRITER, writer);
        } catch (Throwable e) {
            try (storage) {
                environment.stop().run();
            }
            if (e instanceof NoSpaceException) {
                throw new DiskFullException(
                        storage.name()
                                + ": the log cannot be opened, as the disk is full and files of the log have holes: "
                                + "they were copied by "
                                + "a tool that leaves out zeros. No record is lost. Free some space and open it again. "
                                + e.getMessage(),
                        e);
            }
            throw e;
        }
    }

    /**
     * Opens a log for reading. Takes no lock, starts no thread and changes nothing. The log owns the storage from now
     * on, even if this method throws.
     */
    public static StoredLog openReadOnly(Storage storage, LongSupplier nanoTime) throws IOException {
        try {
            Follower follower = new Follower(storage, nanoTime);
            return new StoredLog(storage, follower.report(), follower.published, follower, null);
        } catch (Throwable e) {
            storage.close();
            throw e;
        }
    }

    public OpenReport opened() {
        return opened;
    }

    public LogStats atOpening() {
        return atOpening;
    }

    @Override
    public OptionalLong firstId() {
        return catalog().oldest();
    }

    @Override
    public OptionalLong lastId() {
        return catalog().newest();
    }

    @Override
    public OptionalLong lastDurableId() {
        Catalog catalog = catalog();
        if (poll instanceof Follower follower) return follower.lastProvenId();
        long lastId = catalog.lastId(); // before the durable id: a truncate lowers both, the durable id last
        return catalog.newestUpTo(Math.min(lastId, writer().tail().durableId()));
    }

    @Override
    public long nextId() {
        return catalog().nextId();
    }

    @Override
    public LogCursor cursor(long startId) {
        IdSpan.checkReadableId(startId);
        checkReadable();
        return new StoredCursor(published, buffers, poll, startId);
    }

    @Override
    public Optional<LogRecord> read(long id) throws IOException {
        IdSpan.checkReadableId(id);
        checkReadable();
        return randomReads.read(id);
    }

    private Catalog catalog() {
        poll();
        checkReadable();
        return published.catalog();
    }

    /** Refreshes the catalog if it is too old. If the refresh fails, the next read or cursor throws the exception. */
    private void poll() {
        try {
            poll.lookIfStale(); // seam: catalog-poll
        } catch (IOException e) {
            return;
        }
    }

    private void checkReadable() {
        if (published.isClosed()) throw new IllegalStateException("the log is closed: " + storage.name());
    }

    private Writer writer() {
        checkReadable();
        if (writer == null) {
            throw new IllegalStateException(
                    storage.name() + " was opened for reading only; open it for writing to change it");
        }
        return writer;
    }

    private CommitQueue queueFor(int dataBytes) {
        Writer writer = writer();
        Batch.checkSize(dataBytes, writer.maxRecordBytes());
        return writer.queue();
    }

    @Override
    public long append(byte[] data) throws IOException {
        return queueFor(data.length).append(data, 0, data.length, CommitHook.NONE);
    }

    @Override
    public long append(ByteBuffer data, CommitHook hook) throws IOException {
        int from = data.position();
        int dataBytes = data.remaining();
        return queueFor(dataBytes).append(data, from, dataBytes, hook);
    }

    @Override
    public CompletableFuture<Long> appendAsync(ByteBuffer data, CommitHook hook) {
        int from = data.position();
        int dataBytes = data.remaining();
        return queueFor(dataBytes).appendAsync(data, from, dataBytes, hook, id -> id);
    }

    @Override
    public void append(List<LogRecord> records, CommitHook hook) throws IOException {
        append(Batch.of(records, writer().maxRecordBytes()), hook);
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) throws IOException {
        return append(Batch.withoutIds(data, writer().maxRecordBytes()), hook);
    }

    private long append(Batch batch, CommitHook hook) throws IOException {
        return batch.isEmpty() ? nextId() : writer().queue().append(batch, 0, batch.dataBytes(), hook);
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
        return appendAsync(Batch.of(records, writer().maxRecordBytes()), hook, id -> null);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        return appendAsync(Batch.withoutIds(data, writer().maxRecordBytes()), hook, id -> id);
    }

    private <T> CompletableFuture<T> appendAsync(Batch batch, CommitHook hook, LongFunction<@Nullable T> outcome) {
        return batch.isEmpty()
                ? CompletableFuture.completedFuture(outcome.apply(nextId()))
                : writer().queue().appendAsync(batch, 0, batch.dataBytes(), hook, outcome);
    }

    @Override
    public void truncate(long lastToKeep) throws IOException {
        writer().queue().truncate(lastToKeep);
    }

    @Override
    public void trim(long discardUpTo) throws IOException {
        writer().queue().trim(discardUpTo);
    }

    @Override
    public void reset(long nextId) throws IOException {
        writer().queue().reset(nextId);
    }

    @Override
    public void sync() throws IOException {
        writer().queue().sync();
    }

    @Override
    public LogStats stats() {
        poll();
        LogStats.State reading = published.isClosed() ? LogStats.State.CLOSED : LogStats.State.READ_ONLY;
        return (writer == null
                        ? published.catalog().stats(reading)
                        : writer.queue().stats())
                .build();
    }

    @Override
    public void close() throws IOException {
        if (writer == null) {
            release(() -> {});
        } else {
            writer.queue().close(() -> release(writer.stopThreads()));
        }
    }

    /** Ends all reading and gives up the storage. Cursors that are still open keep their file until they are closed. */
    private void release(Runnable stopThreads) throws IOException {
        try (storage) {
            published.close();
            randomReads.close();
            if (poll instanceof Follower follower) {
                follower.close();
            }
        } finally {
            stopThreads.run();
        }
    }
}
