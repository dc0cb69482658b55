package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Appends batches without waiting for each acknowledgement. Two limits bound its memory: the log limits the bytes in
 * flight, and this class limits the number of batches in flight.
 *
 * <p>Every record has an explicit id, so that nothing is appended after a gap. If the log refuses a batch, for example
 * because the disk is full, the next batch may already be queued. The log then refuses that batch too, because its ids
 * are out of order.
 */
final class Pipeline {
    /** Receives each acknowledged batch, in order, one call at a time. */
    interface Listener {
        void acknowledged(long firstId, int records) throws IOException;
    }

    private static final int BATCHES_IN_FLIGHT = 256;

    private final Log log;
    private final Listener listener;
    private final Semaphore room = new Semaphore(BATCHES_IN_FLIGHT);
    private long nextId;
    private volatile Acknowledged acknowledged;

    @Nullable
    private volatile Throwable failure;

    Pipeline(Log log, Listener listener) {
        this.log = log;
        this.listener = listener;
        this.nextId = log.nextId();
        this.acknowledged = new Acknowledged(nextId, 0, 0);
    }

    Acknowledged acknowledged() {
        return acknowledged;
    }

    /**
     * Sets the id of the next record. In an empty log the first record can have any id; each later id must be the
     * previous id plus 1.
     *
     * @throws IOException if the next record cannot have this id
     */
    void expect(long id) throws IOException {
        if (id != nextId && log.lastId().isEmpty() && acknowledged.firstId() == nextId) {
            nextId = id;
            acknowledged = new Acknowledged(id, 0, 0);
        }
        if (id != nextId) {
            throw new IOException("the next record must have id " + nextId + ", not " + id);
        }
    }

    /** Appends nothing more, and waits until no batch is in flight. Called when the process is shutting down. */
    void stop() {
        fail(new IOException("the process was asked to stop"));
        room.acquireUninterruptibly(BATCHES_IN_FLIGHT);
    }

    /**
     * Appends one batch with each buffer as a record, and returns when the log has copied and queued the batch.
     *
     * @throws IOException if an earlier batch failed; this batch is not appended
     */
    void append(List<ByteBuffer> lines) throws IOException {
        room.acquireUninterruptibly();
        CompletableFuture<Void> done;
        List<LogRecord> records = new ArrayList<>(lines.size());
        long bytes = 0;
        try {
            throwFailure();
            for (ByteBuffer line : lines) {
                records.add(LogRecord.of(nextId + records.size(), line));
                bytes += line.remaining();
            }
            done = log.appendAsync(records);
        } catch (IllegalArgumentException idsGivenBack) {
            room.release();
            await();
            throw idsGivenBack;
        } catch (Throwable t) {
            room.release();
            throw t;
        }
        long firstId = nextId;
        long batchBytes = bytes;
        nextId += lines.size();
        // Continuations run in id order, one after the other: futures complete in id order, and each continuation is
        // attached before the next future exists.
        CompletableFuture<Void> unused =
                done.whenComplete((ok, thrown) -> completed(firstId, lines.size(), batchBytes, thrown));
        if (firstId == acknowledged.firstId()) {
            await();
        }
    }

    /**
     * Waits until no batch is in flight.
     *
     * @throws IOException if a batch failed
     */
    void await() throws IOException {
        room.acquireUninterruptibly(BATCHES_IN_FLIGHT);
        room.release(BATCHES_IN_FLIGHT);
        throwFailure();
    }

    private void completed(long firstId, int records, long bytes, @Nullable Throwable thrown) {
        try {
            if (thrown == null) {
                acknowledged = acknowledged.plus(records, bytes);
                listener.acknowledged(firstId, records);
            } else {
                fail(thrown);
            }
        } catch (IOException | RuntimeException | Error e) {
            fail(e);
        } finally {
            room.release();
        }
    }

    private void fail(Throwable t) {
        if (failure == null) {
            failure = t instanceof CompletionException && t.getCause() != null ? t.getCause() : t;
        }
    }

    private void throwFailure() throws IOException {
        Throwable t = failure;
        if (t instanceof IOException e) {
            throw e;
        } else if (t != null) {
            throw new IllegalStateException("an append failed: " + t, t);
        }
    }
}
