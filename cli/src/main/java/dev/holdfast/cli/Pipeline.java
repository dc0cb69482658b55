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
 * Appends without waiting for each acknowledgement. Memory is bounded twice: the log limits the bytes in flight, this
 * the number of batches.
 *
 * <p>The ids are explicit. If the log refuses a batch (a full disk) it gives the ids back, and the batch after it,
 * which may be on its way already, is refused as out of order instead of taking its place: nothing is ever appended
 * after a gap.
 */
final class Pipeline {
    /** Told of each batch that was acknowledged, in order, one call at a time. */
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
     * Says which id the next record has. The first record of an empty log may have any.
     *
     * @throws IOException if it can not have this one
     */
    void expect(long id) throws IOException {
        if (id != nextId && log.lastId().isEmpty() && acknowledged.firstId() == nextId) {
            nextId = id;
            acknowledged = new Acknowledged(id, 0, 0);
        }
        if (id != nextId) {
            throw new IOException("the next record has to have id " + nextId + ", not " + id);
        }
    }

    /** Appends nothing more, and returns once nothing is in flight: the process is being ended. */
    void stop() {
        fail(new IOException("the process was told to end"));
        room.acquireUninterruptibly(BATCHES_IN_FLIGHT);
    }

    /**
     * Appends each buffer as a record, all as one batch; returns when it is on its way. The buffers are copied.
     *
     * @throws IOException if an earlier batch has failed; this one is not appended
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
        // Futures complete in id order, and each gets its continuation before the next exists: these run one after the
        // other.
        CompletableFuture<Void> unused =
                done.whenComplete((ok, thrown) -> completed(firstId, lines.size(), batchBytes, thrown));
        if (firstId == acknowledged.firstId()) {
            await();
        }
    }

    /** Waits until nothing is in flight. */
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
