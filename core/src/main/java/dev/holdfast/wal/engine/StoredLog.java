package dev.holdfast.wal.engine;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.RecordTooLargeException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.commit.CommitQueue;
import dev.holdfast.wal.commit.Tail;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.read.RandomReads;
import dev.holdfast.wal.read.StoredCursor;
import dev.holdfast.wal.read.TailPoll;
import dev.holdfast.wal.recovery.OpenReport;
import dev.holdfast.wal.recovery.Recovered;
import dev.holdfast.wal.recovery.Recovery;
import dev.holdfast.wal.segment.ReadBufferPool;
import dev.holdfast.wal.storage.NoSpaceException;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A log on a storage. Connects the parts and checks the arguments of callers:
 *
 * <pre>
 * append   caller -> {@link CommitQueue} -> {@link Tail} -> {@link CatalogHolder}
 * read     cursor -> {@link CatalogHolder} -> segment
 * open     lock -> {@link Recovery} -> {@link Tail}
 * </pre>
 */
public final class StoredLog implements Log {
    private final Storage storage;
    private final LogSettings settings;
    private final Environment environment;
    private final CatalogHolder published;
    private final OpenReport opened;
    private final ReadBufferPool buffers = new ReadBufferPool();
    private final TailPoll poll;
    private final RandomReads randomReads;
    private final @Nullable Writing writing; // null if the log was opened for reading
    private final @Nullable Follower follower; // null if the log was opened for writing

    private record Writing(Tail tail, CommitQueue queue) {}

    private StoredLog(Storage storage, LogSettings settings, Environment environment, Recovered recovered) {
        this.storage = storage;
        this.settings = settings;
        this.environment = environment;
        this.opened = recovered.report();
        this.published = new CatalogHolder(recovered.catalog());
        this.poll = TailPoll.SHOWN_BY_WRITER;
        this.randomReads = new RandomReads(published, buffers, poll);
        this.follower = null;
        Tail tail = new Tail(
                recovered.chain(),
                recovered.writer(),
                published,
                recovered.trimPoint(),
                settings.segmentBytes(),
                settings.firstSegmentBytes(),
                settings.maxRecordBytes(),
                settings.groupAlignment(),
                settings.syncEachGroup(),
                environment.maintaining());
        CommitQueue queue = new CommitQueue(
                storage.name(),
                tail,
                published,
                settings.maxBytesInFlight(),
                Layout.recordsEnd(settings.segmentBytes()) - Layout.HEADER_BYTES,
                environment.writing(),
                environment.completing(),
                environment.afterIdleTime(),
                environment.nanoTime(),
                Environment.IDLE_NANOS);
        this.writing = new Writing(tail, queue);
    }

    private StoredLog(Storage storage, LogSettings settings, Environment environment, Follower follower) {
        this.storage = storage;
        this.settings = settings;
        this.environment = environment;
        this.opened = follower.opened();
        this.published = follower.published();
        this.poll = follower;
        this.randomReads = new RandomReads(published, buffers, poll);
        this.follower = follower;
        this.writing = null;
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
        boolean opened = false;
        try {
            storage.lock(); // seam: open-lock
            Recovered recovered = new Recovery(
                            storage, settings.maxRecordBytes(), settings.firstSegmentBytes(), environment.random())
                    .run();
            recovered.chain().spares().use(settings.segmentBytes(), environment.nanoTime());
            StoredLog log = new StoredLog(storage, settings, environment, recovered);
            opened = true;
            return log;
        } catch (NoSpaceException e) {
            throw new DiskFullException(
                    storage.name()
                            + ": the log cannot be opened, as the disk is full and files of the log have holes: they were copied by "
                            + "a tool that leaves out zeros. No record is lost. Free some space and open it again. "
                            + e.getMessage(),
                    e);
        } finally {
            if (!opened) {
                giveUp(storage, environment);
            }
        }
    }

    /** Opens a log for reading. Takes no lock and changes nothing. The log owns the storage from now on. */
    public static StoredLog openReadOnly(Storage storage, LogSettings settings, Environment environment)
            throws IOException {
        boolean opened = false;
        try {
            StoredLog log =
                    new StoredLog(storage, settings, environment, new Follower(storage, environment.nanoTime()));
            opened = true;
            return log;
        } finally {
            if (!opened) {
                giveUp(storage, environment);
            }
        }
    }

    private static void giveUp(Storage storage, Environment environment) throws IOException {
        try (storage) {
            environment.stop().run();
        }
    }

    /** Returns what the opening found and did. */
    public OpenReport opened() {
        return opened;
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
        if (follower != null) {
            return follower.lastProvenId();
        }
        long lastId = catalog.lastId(); // before the durable id: a truncate lowers both, the durable id last
        return catalog.newestUpTo(Math.min(lastId, writing().tail().durableId()));
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
        if (published.isClosed()) {
            throw closed();
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException("the log is closed: " + storage.name());
    }

    private Writing writing() {
        if (writing == null) {
            checkReadable();
            throw new IllegalStateException(
                    storage.name() + " was opened for reading only; open it for writing to change it");
        }
        return writing;
    }

    private CommitQueue queue() {
        return writing().queue();
    }

    @Override
    public void append(List<LogRecord> records, CommitHook hook) throws IOException {
        LogRecord[] all = records.toArray(LogRecord[]::new);
        ByteBuffer[] batch = batch(all);
        if (batch.length > 0) {
            queue().append(batch, OptionalLong.of(all[0].id()), hook);
        }
    }

    @Override
    public long append(ByteBuffer data, CommitHook hook) throws IOException {
        CommitQueue queue = queue();
        int dataBytes = data.remaining();
        checkSize(dataBytes);
        return queue.append(data, data.position(), dataBytes, hook);
    }

    @Override
    public long append(byte[] data) throws IOException {
        CommitQueue queue = queue();
        checkSize(data.length);
        return queue.append(data);
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) throws IOException {
        ByteBuffer[] batch = batch(data);
        return batch.length == 0 ? nextId() : queue().append(batch, OptionalLong.empty(), hook);
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
        LogRecord[] all = records.toArray(LogRecord[]::new);
        ByteBuffer[] batch = batch(all);
        return batch.length == 0
                ? CompletableFuture.completedFuture(null)
                : queue().appendAsync(batch, OptionalLong.of(all[0].id()), hook, id -> null);
    }

    @Override
    public CompletableFuture<Long> appendAsync(ByteBuffer data, CommitHook hook) {
        CommitQueue queue = queue();
        int dataBytes = data.remaining();
        checkSize(dataBytes);
        return queue.appendAsync(data, data.position(), dataBytes, hook);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        ByteBuffer[] batch = batch(data);
        return batch.length == 0
                ? CompletableFuture.completedFuture(nextId())
                : queue().appendAsync(batch, OptionalLong.empty(), hook, id -> id);
    }

    /** Returns the data of records after checking that their ids are consecutive. */
    private ByteBuffer[] batch(LogRecord[] records) {
        checkOpen();
        ByteBuffer[] batch = new ByteBuffer[records.length];
        long bytes = 0;
        for (int i = 0; i < batch.length; i++) {
            if (i > 0) {
                IdSpan.checkFollows(records[i - 1].id(), records[i].id());
            }
            batch[i] = records[i].data();
            bytes += checkSize(batch[i].remaining());
        }
        checkBatch(bytes);
        return batch;
    }

    private ByteBuffer[] batch(List<ByteBuffer> data) {
        checkOpen();
        ByteBuffer[] batch = data.toArray(ByteBuffer[]::new);
        long bytes = 0;
        for (int i = 0; i < batch.length; i++) {
            // The log uses a duplicate, so the caller cannot move the position between this check and the copy.
            batch[i] = batch[i].duplicate();
            bytes += checkSize(batch[i].remaining());
        }
        checkBatch(bytes);
        return batch;
    }

    /** Checks the size of a record, and returns the bytes that the record takes in a batch. */
    private long checkSize(int dataBytes) {
        if (dataBytes > settings.maxRecordBytes()) {
            throw new RecordTooLargeException("a record must have at most " + settings.maxRecordBytes()
                    + " bytes of data, this one has " + dataBytes + "; nothing of its batch was written");
        }
        return (long) Layout.FRAME_HEADER_BYTES + dataBytes;
    }

    private static void checkBatch(long bytes) {
        if (bytes > Log.MAX_BATCH_BYTES) {
            throw new IllegalArgumentException("a batch must have at most " + Log.MAX_BATCH_BYTES
                    + " bytes, 8 a record beside its data, this one has " + bytes + "; nothing of it was written");
        }
    }

    private void checkOpen() {
        if (queue().isClosing()) {
            throw closed();
        }
    }

    @Override
    public void truncate(long lastToKeep) throws IOException {
        queue().truncate(lastToKeep);
    }

    @Override
    public void trim(long discardUpTo) throws IOException {
        queue().trim(discardUpTo);
    }

    @Override
    public void reset(long nextId) throws IOException {
        queue().reset(nextId);
    }

    @Override
    public void sync() throws IOException {
        queue().sync();
    }

    @Override
    public LogStats stats() {
        poll();
        Catalog catalog = published.catalog();
        if (writing == null) {
            return catalog.stats(published.isClosed() ? LogStats.State.CLOSED : LogStats.State.READ_ONLY)
                    .build();
        }
        CommitQueue.Figures figures = writing.queue().figures();
        return catalog.stats(state(writing.queue(), figures))
                .appendedRecords(figures.records())
                .appendedBytes(figures.bytes())
                .groups(figures.groups())
                .syncs(writing.tail().syncs())
                .spareWaits(writing.tail().spareWaits())
                .cause(figures.failure())
                .build();
    }

    private static LogStats.State state(CommitQueue queue, CommitQueue.Figures figures) {
        if (queue.isClosing()) {
            return LogStats.State.CLOSED;
        }
        return figures.failure() == null ? LogStats.State.OPEN : LogStats.State.FAILED;
    }

    @Override
    public void close() throws IOException {
        if (writing == null) {
            release();
        } else {
            writing.queue().close(this::release);
        }
    }

    /** Ends all reading and gives up the storage. Cursors that are still open keep their file until they are closed. */
    private void release() throws IOException {
        try (storage) {
            published.close();
            randomReads.close();
            if (follower != null) {
                follower.close();
            }
        } finally {
            environment.stop().run();
        }
    }
}
