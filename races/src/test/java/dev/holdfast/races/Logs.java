package dev.holdfast.races;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.engine.Environment;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** Stored logs without a thread of their own: whatever they do is done by the threads that race. */
final class Logs {
    private static final LogSettings SMALL = new LogSettings(8192, 8192, 4096, 1 << 20, true, 8);
    private static final AtomicLong SALT = new AtomicLong();

    private Logs() {}

    static Log open(Storage storage) {
        try {
            return StoredLog.open(storage, SMALL, callersDoAll());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * An appender that does not wait leads itself, as nobody else is to be had; futures complete on the leader's
     * thread.
     */
    private static Environment callersDoAll() {
        return new Environment(
                task -> {
                    throw new RejectedExecutionException("there is no writing thread");
                },
                Runnable::run,
                Runnable::run,
                task -> {},
                System::nanoTime,
                SALT::incrementAndGet,
                () -> {});
    }
}
