package dev.holdfast.wal.engine;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.recovery.OpenReport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A log on a storage. Its appends accept null for a hook that does nothing. */
public interface OpenedLog extends Log {
    /** Returns what opening found and did. */
    OpenReport opened();

    @Override
    default void append(List<LogRecord> records) throws IOException {
        append(records, null);
    }

    @Override
    void append(List<LogRecord> records, @Nullable CommitHook hook) throws IOException;

    @Override
    default long appendAll(List<ByteBuffer> data) throws IOException {
        return appendAll(data, null);
    }

    @Override
    long appendAll(List<ByteBuffer> data, @Nullable CommitHook hook) throws IOException;

    @Override
    default CompletableFuture<Void> appendAsync(List<LogRecord> records) {
        return appendAsync(records, null);
    }

    @Override
    CompletableFuture<Void> appendAsync(List<LogRecord> records, @Nullable CommitHook hook);

    @Override
    default CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data) {
        return appendAllAsync(data, null);
    }

    @Override
    CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, @Nullable CommitHook hook);
}
