package dev.holdfast.races;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/** Opens stored logs without threads of their own. The racing threads do all work of the log. */
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
     * Returns an environment without threads. An asynchronous appender becomes the leader, and futures complete on the
     * leader's thread.
     */
    private static Environment callersDoAll() {
        return new Environment(
                task -> {
                    throw new RejectedExecutionException("this environment has no writing thread");
                },
                Runnable::run,
                Runnable::run,
                Runnable::run,
                task -> {},
                System::nanoTime,
                SALT::incrementAndGet,
                () -> {});
    }
}
