package dev.holdfast.wal.engine;

import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.read.TailPoll;
import dev.holdfast.wal.recovery.Observer;
import dev.holdfast.wal.recovery.Observer.Observation;
import dev.holdfast.wal.recovery.OpenReport;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Follows a log that another process may write, and changes nothing. A reader sees a view that is at most
 * {@link #STALE_NANOS} old, plus the time of a refresh, because each call first refreshes an older view. Without calls
 * the files are not read.
 */
final class Follower implements TailPoll, AutoCloseable {
    private static final long STALE_NANOS = 50_000_000;
    private static final long SHORTEST_WAIT_NANOS = 500_000;

    private final LongSupplier nanoTime;
    private final Observer observer;
    final CatalogHolder published;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile Observation latest;
    private volatile long lookedNanos;
    private long askedNanos;
    private volatile long newsNanos;

    Follower(Storage storage, LongSupplier nanoTime) throws IOException {
        this.nanoTime = nanoTime;
        this.lookedNanos = this.askedNanos = this.newsNanos = nanoTime.getAsLong();
        this.observer = new Observer(storage);
        this.latest = observer.look();
        this.published = new CatalogHolder(latest.catalog());
    }

    /** Returns the report of the newest look, which is that of the opening before the first {@link #look}. */
    OpenReport report() {
        return latest.report();
    }

    /** Returns the newest record that the files prove durable. */
    OptionalLong lastProvenId() {
        Observation now = latest;
        return now.catalog().newestUpTo(now.report().unprovenFrom().orElse(Long.MAX_VALUE) - 1);
    }

    @Override
    public void look() throws IOException {
        lookIfOlderThan(0);
    }

    @Override
    public void lookIfStale() throws IOException {
        if (nanoTime() - lookedNanos >= STALE_NANOS) {
            lookIfOlderThan(STALE_NANOS); // another thread may have looked meanwhile
        }
    }

    private void lookIfOlderThan(long nanos) throws IOException {
        looking.lock();
        try {
            long start = nanoTime();
            if (start - lookedNanos >= nanos && !published.isClosed()) {
                latest = observer.look();
                lookedNanos = start;
                if (latest.catalog() != published.catalog()) {
                    newsNanos = start;
                    published.show(latest.catalog());
                }
            }
        } finally {
            looking.unlock();
        }
    }

    @Override
    public void lookForNews(long sinceNanos) throws IOException {
        lookIfStale();
        looking.lock();
        try {
            if (lookedNanos - sinceNanos > 0 || askedNanos - sinceNanos > 0) return;
            askedNanos = nanoTime();
            if (!observer.isUpToDate()) look();
        } finally {
            looking.unlock();
        }
    }

    /** Returns the time since the last news, within limits: a wait about twice as long after each look without news. */
    @Override
    public long lookAgainNanos() {
        return Math.max(SHORTEST_WAIT_NANOS, Math.min(STALE_NANOS, nanoTime() - newsNanos));
    }

    @Override
    public long nanoTime() {
        return nanoTime.getAsLong();
    }

    /** Closes the files of the follower. The caller must have closed all readers, so no reader calls it now. */
    @Override
    public void close() throws IOException {
        looking.lock();
        try {
            observer.close();
        } finally {
            looking.unlock();
        }
    }
}
