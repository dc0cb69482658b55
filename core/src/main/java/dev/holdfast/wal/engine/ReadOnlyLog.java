package dev.holdfast.wal.engine;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.read.TailPoll;
import dev.holdfast.wal.recovery.Observation;
import dev.holdfast.wal.recovery.Observer;
import dev.holdfast.wal.recovery.OpenReport;
import dev.holdfast.wal.segment.CatalogHolder;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A log that is open for reading only, while another process may write it. Follows the files and changes nothing. Its
 * view is older than {@link #STALE_NANOS} by at most the time to read the files: each call first refreshes an older
 * view. Without calls the files are not read.
 */
final class ReadOnlyLog implements OpenedLog, TailPoll {
    private static final long LOOK_AGAIN_NANOS = 10_000_000;
    private static final long STALE_NANOS = 50_000_000;

    private final Storage storage;
    private final Environment environment;
    private final Observer observer;
    private final CatalogHolder published;
    private final Reading reading;
    private final ReentrantLock looking = new ReentrantLock();
    private final OpenReport opened;
    private volatile Observation latest;
    private volatile long lookedNanos;

    ReadOnlyLog(Storage storage, Environment environment) throws IOException {
        this.lookedNanos = environment.nanoTime().getAsLong();
        this.storage = storage;
        this.environment = environment;
        this.observer = new Observer(storage);
        Observation first = observer.look();
        this.latest = first;
        this.published = new CatalogHolder(first.catalog());
        this.reading = new Reading(storage.name(), published, this);
        this.opened = new OpenReport(
                first.closed() ? OpenReport.Ending.CLEAN : OpenReport.Ending.UNCLEAN,
                first.catalog().segments().size(),
                first.catalog().oldest(),
                first.catalog().newest(),
                0,
                first.tornBytes(),
                Optional.empty(),
                first.unprovenFrom(),
                List.of());
    }

    @Override
    public void look() throws IOException {
        looking.lock();
        try {
            if (!published.isClosed()) {
                long start = nanoTime();
                latest = observer.look();
                lookedNanos = start;
                if (latest.catalog() != published.catalog()) {
                    published.show(latest.catalog());
                }
            }
        } finally {
            looking.unlock();
        }
    }

    @Override
    public void lookIfStale() throws IOException {
        if (nanoTime() - lookedNanos >= STALE_NANOS) {
            looking.lock();
            try {
                if (nanoTime() - lookedNanos >= STALE_NANOS) {
                    look();
                }
            } finally {
                looking.unlock();
            }
        }
    }

    /** Refreshes the view if it is stale. The next read or cursor reports a failure of the refresh. */
    private Reading upToDate() {
        try {
            lookIfStale();
        } catch (IOException e) {
            return reading;
        }
        return reading;
    }

    @Override
    public long lookAgainNanos() {
        return LOOK_AGAIN_NANOS;
    }

    @Override
    public long nanoTime() {
        return environment.nanoTime().getAsLong();
    }

    @Override
    public OpenReport opened() {
        return opened;
    }

    @Override
    public OptionalLong firstId() {
        return upToDate().firstId();
    }

    @Override
    public OptionalLong lastId() {
        return upToDate().lastId();
    }

    @Override
    public OptionalLong lastDurableId() {
        upToDate().lastId();
        Observation now = latest;
        return now.catalog().newestUpTo(now.unprovenFrom().orElse(Long.MAX_VALUE) - 1);
    }

    @Override
    public long nextId() {
        return upToDate().nextId();
    }

    @Override
    public LogCursor cursor(long startId) {
        return reading.cursor(startId);
    }

    @Override
    public Optional<LogRecord> read(long id) throws IOException {
        return reading.read(id);
    }

    private IllegalStateException readOnly() {
        return new IllegalStateException(
                published.isClosed()
                        ? "the log is closed: " + storage.name()
                        : storage.name() + " was opened for reading only; open it for writing to change it");
    }

    @Override
    public void append(List<LogRecord> records, @Nullable CommitHook hook) {
        throw readOnly();
    }

    @Override
    public long appendAll(List<ByteBuffer> data, @Nullable CommitHook hook) {
        throw readOnly();
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, @Nullable CommitHook hook) {
        throw readOnly();
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, @Nullable CommitHook hook) {
        throw readOnly();
    }

    @Override
    public void truncate(long lastToKeep) {
        throw readOnly();
    }

    @Override
    public void trim(long discardUpTo) {
        throw readOnly();
    }

    @Override
    public void reset(long nextId) {
        throw readOnly();
    }

    @Override
    public void sync() {
        throw readOnly();
    }

    @Override
    public LogStats stats() {
        upToDate();
        LogStats.State state = published.isClosed() ? LogStats.State.CLOSED : LogStats.State.READ_ONLY;
        return published.catalog().stats(state).build();
    }

    @Override
    public void close() throws IOException {
        looking.lock();
        try (storage) {
            reading.close();
            observer.close();
        } finally {
            looking.unlock();
            environment.stop().run();
        }
    }
}
