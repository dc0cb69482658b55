package dev.holdfast.wal.read;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.catalog.Catalog;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.segment.GroupReader;
import dev.holdfast.wal.segment.ReadBuffer;
import dev.holdfast.wal.segment.ReadBufferPool;
import dev.holdfast.wal.segment.RecordWalk;
import dev.holdfast.wal.segment.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A cursor over the segments of a log. Each step takes the current catalog, checks that the position still exists in
 * it, and continues in the same segment if this segment holds the next id. Takes no lock, because the bytes it reads
 * were final when the catalog was taken. If a read fails, the file may have been removed or reused, which is not
 * damage: the cursor repeats the step unless the current catalog still has the record in the same segment.
 */
public final class StoredCursor implements LogCursor {
    private static final int SEQUENTIAL_STEPS = 64;

    private final CatalogHolder published;
    private final ReadBuffer buffer;
    private final TailPoll poll;
    private final long startId;
    private final AtomicBoolean busy = new AtomicBoolean(); // stays true after a closed cursor gave its file back
    private volatile boolean closed;
    private @Nullable Segment segment;
    private @Nullable RecordWalk walk;
    private Catalog seen;
    private long wanted;
    private @Nullable Thread user;
    private boolean resolved;
    private boolean current;
    private long shownId;
    private long removalsSeen;
    private int steps;

    /** Creates a cursor before the first record whose id is at least {@code startId}. */
    public StoredCursor(CatalogHolder published, ReadBufferPool buffers, TailPoll poll, long startId) {
        this.published = published;
        this.buffer = new ReadBuffer(buffers);
        this.poll = poll;
        this.startId = startId;
        this.seen = published.catalog();
    }

    @Override
    public boolean next() throws IOException {
        enter();
        try {
            checkOpen();
            current = false;
            poll.lookIfStale();
            current = step();
            if (!current) {
                poll.look();
                current = step();
            }
            if (!current) {
                buffer.release();
            }
            return current;
        } finally {
            leave();
        }
    }

    @Override
    public boolean next(Duration timeout) throws IOException, InterruptedException {
        published.hooks().refuseHook();
        if (Thread.interrupted()) throw new InterruptedException("interrupted before waiting for a record");
        long left = Math.max(0, TimeUnit.NANOSECONDS.convert(timeout)); // saturates
        long start = poll.nanoTime();
        for (boolean found = next(); !found; found = isWorthALook() && next()) {
            left -= poll.nanoTime() - start;
            if (left <= 0) return false;
            long nap = Math.min(left, poll.lookAgainNanos());
            long before = poll.nanoTime();
            left -= nap - published.await(this::isWorthALook, nap);
            start = poll.nanoTime();
            poll.lookForNews(before);
        }
        return true;
    }

    private boolean isWorthALook() {
        return closed || published.isClosed() || published.catalog() != seen || seen.lastId() >= wanted;
    }

    /** Moves to the next record; returns false if there is none yet. */
    private boolean step() throws IOException {
        while (true) {
            Catalog catalog = published.catalog(); // seam: cursor-catalog
            seen = catalog;
            wanted = nextId(catalog);
            if (wanted > catalog.lastId()) return false;
            try {
                read(catalog);
                resolved = true;
                shownId = wanted;
                removalsSeen = catalog.history().count();
                return true;
            } catch (IOException e) {
                letGo();
                poll.look();
                checkOpen();
                if (catalog.isSameAt(wanted, published.catalog())) throw e;
            }
        }
    }

    private long nextId(Catalog catalog) throws RecordsRemovedException {
        if (!resolved) return Math.max(startId, catalog.firstId());
        if (catalog.history().removed(shownId, removalsSeen)) { // seam: cursor-truncated
            throw removed(catalog, "record " + shownId + ", which this cursor shows, was truncated", shownId, shownId);
        }
        if (shownId + 1 < catalog.firstId()) { // seam: cursor-trimmed
            long first = shownId + 1;
            long last = catalog.firstId() - 1;
            String what = "records " + first + " to " + last + ", which this cursor would show next, were trimmed";
            throw removed(catalog, what, first, last);
        }
        return shownId + 1;
    }

    private static RecordsRemovedException removed(Catalog catalog, String what, long first, long last) {
        long newest = catalog.lastId();
        String held = newest < catalog.firstId() ? "no records" : "records " + catalog.firstId() + " to " + newest;
        return new RecordsRemovedException(what + "; the log now holds " + held + ". Make a new cursor.", first, last);
    }

    private void read(Catalog catalog) throws IOException {
        Segment holder = catalog.find(wanted);
        RecordWalk at = walk;
        if (at == null || holder != segment || at.record().id() + 1 != wanted) {
            letGo();
            buffer.look(holder.acquire(), catalog.limit(holder));
            segment = holder;
            at = new RecordWalk(holder, wanted, catalog.lastIdIn(holder), buffer);
            walk = at;
        }
        if (++steps == SEQUENTIAL_STEPS) {
            buffer.widen();
        }
        buffer.limit(catalog.limit(holder));
        at.next();
    }

    private void letGo() throws IOException {
        Segment held = segment; // seam: cursor-file
        segment = null;
        walk = null;
        if (held != null) {
            held.release();
        }
    }

    private void enter() {
        if (!busy.compareAndSet(false, true)) {
            checkOpen();
            throw new IllegalStateException("the cursor is in use by another thread");
        }
        user = Thread.currentThread();
    }

    private void leave() {
        busy.set(false);
        if (closed) {
            giveBackAll();
        }
    }

    private void checkOpen() {
        if (closed) throw new IllegalStateException("the cursor is closed");
        if (published.isClosed()) throw new IllegalStateException("the log is closed");
    }

    private GroupReader currentRecord() {
        RecordWalk at = walk; // null if another thread closes the cursor
        if (closed || (current && at == null)) throw new IllegalStateException("the cursor is closed");
        if (!current || at == null) {
            throw new IllegalStateException("there is no current record: the last next() did not return true");
        }
        return at.record();
    }

    @Override
    public long id() {
        return currentRecord().id();
    }

    @Override
    public ByteBuffer data() {
        return currentRecord().data();
    }

    @Override
    public LogRecord record() {
        enter();
        try {
            checkOpen();
            return LogRecord.of(id(), data());
        } finally {
            leave();
        }
    }

    @Override
    public void close() {
        closed = true;
        published.wake(); // seam: cursor-close-wake
        giveBackAll();
    }

    /**
     * Releases the file and the read buffer of a closed cursor, once, when no thread is inside a method. If a thread
     * other than its user closed the cursor, the user may still read from the buffer, so the buffer is not reused.
     */
    private void giveBackAll() {
        if (busy.compareAndSet(false, true)) { // seam: cursor-close
            if (Thread.currentThread() == user) { // seam: cursor-buffer
                buffer.release();
            }
            try {
                letGo();
            } catch (IOException e) {
                return; // a failed close of a file that was only read loses nothing
            }
        }
    }
}
