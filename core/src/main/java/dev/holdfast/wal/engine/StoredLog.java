package dev.holdfast.wal.engine;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.RecordTooLargeException;
import dev.holdfast.wal.commit.CommitQueue;
import dev.holdfast.wal.commit.Tail;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.format.SegmentName;
import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.read.TailPoll;
import dev.holdfast.wal.recovery.OpenReport;
import dev.holdfast.wal.recovery.Recovered;
import dev.holdfast.wal.recovery.Recovery;
import dev.holdfast.wal.segment.Catalog;
import dev.holdfast.wal.segment.CatalogHolder;
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
public final class StoredLog implements OpenedLog {
    private final Storage storage;
    private final LogSettings settings;
    private final Environment environment;
    private final CatalogHolder published;
    private final Reading reading;
    private final Tail tail;
    private final CommitQueue queue;
    private final OpenReport opened;

    private StoredLog(Storage storage, LogSettings settings, Environment environment, Recovered recovered) {
        this.storage = storage;
        this.settings = settings;
        this.environment = environment;
        this.opened = recovered.report();
        this.published = new CatalogHolder(recovered.catalog());
        this.reading = new Reading(storage.name(), published, TailPoll.SHOWN_BY_WRITER);
        this.tail = new Tail(
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
        this.queue = new CommitQueue(
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
    }

    /** Returns whether a storage holds a log, damaged or not: a file with the name of a segment. */
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
            storage.lock();
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

    /**
     * Opens a log for reading, while another process may write it. Takes no lock and changes nothing. The log owns the
     * storage from now on.
     */
    public static OpenedLog openReadOnly(Storage storage, LogSettings settings, Environment environment)
            throws IOException {
        boolean opened = false;
        try {
            OpenedLog log = new ReadOnlyLog(storage, environment);
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

    @Override
    public OpenReport opened() {
        return opened;
    }

    @Override
    public OptionalLong firstId() {
        return reading.firstId();
    }

    @Override
    public OptionalLong lastId() {
        return reading.lastId();
    }

    @Override
    public OptionalLong lastDurableId() {
        return reading.lastIdUpTo(tail::durableId);
    }

    @Override
    public long nextId() {
        return reading.nextId();
    }

    @Override
    public LogCursor cursor(long startId) {
        return reading.cursor(startId);
    }

    @Override
    public Optional<LogRecord> read(long id) throws IOException {
        return reading.read(id);
    }

    @Override
    public void append(List<LogRecord> records, @Nullable CommitHook hook) throws IOException {
        LogRecord[] all = records.toArray(LogRecord[]::new);
        ByteBuffer[] batch = batch(all);
        if (batch.length > 0) {
            queue.append(batch, OptionalLong.of(all[0].id()), hook);
        }
    }

    @Override
    public long append(ByteBuffer data) throws IOException {
        int dataBytes = data.remaining();
        checkSize(dataBytes);
        return queue.append(data, data.position(), dataBytes);
    }

    @Override
    public long append(byte[] data) throws IOException {
        checkSize(data.length);
        return queue.append(data);
    }

    @Override
    public long appendAll(List<ByteBuffer> data, @Nullable CommitHook hook) throws IOException {
        ByteBuffer[] batch = batch(data);
        return batch.length == 0 ? nextId() : queue.append(batch, OptionalLong.empty(), hook);
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, @Nullable CommitHook hook) {
        LogRecord[] all = records.toArray(LogRecord[]::new);
        ByteBuffer[] batch = batch(all);
        return batch.length == 0
                ? CompletableFuture.completedFuture(null)
                : queue.appendAsync(batch, OptionalLong.of(all[0].id()), hook, id -> null);
    }

    @Override
    public CompletableFuture<Long> appendAsync(ByteBuffer data) {
        int dataBytes = data.remaining();
        checkSize(dataBytes);
        return queue.appendAsync(data, data.position(), dataBytes);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, @Nullable CommitHook hook) {
        ByteBuffer[] batch = batch(data);
        return batch.length == 0
                ? CompletableFuture.completedFuture(nextId())
                : queue.appendAsync(batch, OptionalLong.empty(), hook, id -> id);
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
            // The caller cannot move the position of a duplicate between this check and the copy.
            batch[i] = batch[i].duplicate();
            bytes += checkSize(batch[i].remaining());
        }
        checkBatch(bytes);
        return batch;
    }

    /** Checks the size of a record, and returns its bytes in a batch. */
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
        if (queue.isClosing()) {
            throw new IllegalStateException("the log is closed: " + storage.name());
        }
    }

    @Override
    public void truncate(long lastToKeep) throws IOException {
        queue.truncate(lastToKeep);
    }

    @Override
    public void trim(long discardUpTo) throws IOException {
        queue.trim(discardUpTo);
    }

    @Override
    public void reset(long nextId) throws IOException {
        queue.reset(nextId);
    }

    @Override
    public void sync() throws IOException {
        queue.sync();
    }

    @Override
    public LogStats stats() {
        Catalog catalog = published.catalog();
        CommitQueue.Figures figures = queue.figures();
        return catalog.stats(state(figures))
                .appendedRecords(figures.records())
                .appendedBytes(figures.bytes())
                .groups(figures.groups())
                .syncs(tail.syncs())
                .spareWaits(tail.spareWaits())
                .cause(figures.failure())
                .build();
    }

    private LogStats.State state(CommitQueue.Figures figures) {
        if (queue.isClosing()) {
            return LogStats.State.CLOSED;
        }
        return figures.failure() == null ? LogStats.State.OPEN : LogStats.State.FAILED;
    }

    @Override
    public void close() throws IOException {
        queue.close(() -> {
            try (storage) {
                reading.close();
            } finally {
                environment.stop().run();
            }
        });
    }
}
