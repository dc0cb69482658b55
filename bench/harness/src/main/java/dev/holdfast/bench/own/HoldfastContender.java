package dev.holdfast.bench.own;

import dev.holdfast.bench.contender.Acknowledgement;
import dev.holdfast.bench.contender.AppliesInOrder;
import dev.holdfast.bench.contender.HasSegments.Segmented;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.ReturnsFutures;
import dev.holdfast.bench.contender.Tails;
import dev.holdfast.bench.contender.Truncates;
import dev.holdfast.bench.contender.WaitsForSpares;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;

/** A Holdfast log as a contender. */
@SuppressWarnings("ByteBufferBackingArray") // Contender promises one
final class HoldfastContender
        implements Segmented, AppliesInOrder, ReturnsFutures, ReadsBack, Truncates, Tails, WaitsForSpares {
    private final Log log;

    HoldfastContender(Log log) {
        this.log = log;
    }

    @Override
    public void append(ByteBuffer data) throws IOException {
        log.append(data.array());
    }

    @Override
    public void append(ByteBuffer data, LongConsumer apply) throws IOException {
        log.append(data, apply::accept);
    }

    @Override
    public void appendBatch(List<ByteBuffer> batch) throws IOException {
        log.appendAll(batch);
    }

    @Override
    public void appendAsync(ByteBuffer data, Acknowledgement acknowledgement) {
        var unused = log.appendAsync(data).whenComplete((id, failure) -> acknowledgement.complete(failure));
    }

    @Override
    public Future<?> appendAsync(ByteBuffer data) {
        return log.appendAsync(data);
    }

    @Override
    public ReadBack readAll() throws IOException {
        long records = 0;
        long bytes = 0;
        try (LogCursor cursor = log.cursor(0)) {
            while (cursor.next()) {
                records++;
                bytes += cursor.data().remaining();
            }
        }
        return new ReadBack(records, bytes);
    }

    @Override
    public long firstId() {
        return log.firstId().orElseThrow();
    }

    @Override
    public long lastId() {
        return log.lastId().orElseThrow();
    }

    @Override
    public int read(long id) throws IOException {
        return log.read(id).orElseThrow().data().remaining();
    }

    @Override
    public void trim(long recordsToKeep) throws IOException {
        log.trim(Math.max(-1, log.nextId() - 1 - recordsToKeep));
    }

    @Override
    public void truncateNewest() throws IOException {
        log.truncate(lastId() - 1);
    }

    @Override
    public long segments() {
        return log.stats().segments();
    }

    @Override
    public long spareWaits() {
        return log.stats().spareWaits();
    }

    @Override
    public Tail tail() {
        return tailOf(log);
    }

    /** Returns a reader after the newest record of a log. */
    static Tail tailOf(Log log) {
        return new CursorTail(log.cursor(log.nextId()));
    }

    @Override
    public void close() throws IOException {
        log.close();
    }

    private record CursorTail(LogCursor cursor) implements Tail {
        @Override
        public long next(long timeoutMillis) throws Exception {
            if (!cursor.next(Duration.ofMillis(timeoutMillis))) {
                throw new TimeoutException("no record arrived within " + timeoutMillis + " ms");
            }
            return cursor.data().getLong(cursor.data().position());
        }

        @Override
        public void close() {
            cursor.close();
        }
    }
}
