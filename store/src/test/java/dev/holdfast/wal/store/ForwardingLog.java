package dev.holdfast.wal.store;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/** Passes every call to another log. */
class ForwardingLog implements Log {
    final Log log;

    ForwardingLog(Log log) {
        this.log = log;
    }

    @Override
    public OptionalLong firstId() {
        return log.firstId();
    }

    @Override
    public OptionalLong lastId() {
        return log.lastId();
    }

    @Override
    public long nextId() {
        return log.nextId();
    }

    @Override
    public LogCursor cursor(long startId) {
        return log.cursor(startId);
    }

    @Override
    public Optional<LogRecord> read(long id) throws IOException {
        return log.read(id);
    }

    @Override
    public void append(List<LogRecord> records, CommitHook hook) throws IOException {
        log.append(records, hook);
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) throws IOException {
        return log.appendAll(data, hook);
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
        return log.appendAsync(records, hook);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        return log.appendAllAsync(data, hook);
    }

    @Override
    public void truncate(long lastToKeep) throws IOException {
        log.truncate(lastToKeep);
    }

    @Override
    public void trim(long discardUpTo) throws IOException {
        log.trim(discardUpTo);
    }

    @Override
    public void reset(long nextId) throws IOException {
        log.reset(nextId);
    }

    @Override
    public void sync() throws IOException {
        log.sync();
    }

    @Override
    public LogStats stats() {
        return log.stats();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
