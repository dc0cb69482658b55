package dev.holdfast.wal.store;

import dev.holdfast.testkit.LogContract;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.memory.MemoryLog;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract tests against a log of a store, with several shared logs and sizes. */
class StoreLogContractTest {
    @Nested
    class OnAFileLog extends InADirectory {
        OnAFileLog() {
            super(LogStoreOptions.builder().build());
        }
    }

    /** Each test seals many windows, moves records and trims the shared log. */
    @Nested
    class WithTinyWindows extends InADirectory {
        WithTinyWindows() {
            super(LogStoreOptions.builder()
                    .windowBytes(1 << 10)
                    .maxExtraBytes(4 << 10)
                    .build());
        }
    }

    /** Other logs of the store are appended to, trimmed, deleted and created meanwhile, and the store moves records. */
    @Nested
    class BesideOtherLogs extends InADirectory {
        BesideOtherLogs() {
            super(LogStoreOptions.builder()
                    .windowBytes(16 << 10)
                    .maxExtraBytes(64 << 10)
                    .build());
        }

        @Override
        public Log openLog() throws IOException {
            LogStore store = LogStore.open(directory.resolve("store"), options());
            return new LogOfAStore(store, "under test", new Hammer(store));
        }
    }

    @Nested
    class OnAMemoryLog implements LogContract {
        @Override
        public Log openLog() throws IOException {
            return new LogOfAStore(
                    LogStore.on(
                            new MemoryLog(),
                            LogStoreOptions.builder().windowBytes(4 << 10).build()),
                    "under test");
        }

        @Override
        public boolean persistent() {
            return false;
        }
    }

    abstract static class InADirectory implements LogContract {
        private final LogStoreOptions options;

        @TempDir
        Path directory;

        InADirectory(LogStoreOptions options) {
            this.options = options;
        }

        LogStoreOptions options() {
            return options;
        }

        @Override
        public Log openLog() throws IOException {
            return new LogOfAStore(LogStore.open(directory.resolve("store"), options), "under test");
        }

        @Override
        public boolean persistent() {
            return true;
        }
    }

    /** A thread that changes other logs of a store until it is closed. */
    private static final class Hammer implements Closeable {
        private final LogStore store;
        private final Thread thread = new Thread(this::run, "hammer");
        private volatile boolean closed;
        private volatile Throwable failure;

        Hammer(LogStore store) {
            this.store = store;
            thread.setDaemon(true);
            thread.start();
        }

        private void run() {
            try {
                for (int i = 0; !closed; i++) {
                    Log log = store.log("other-" + i % 3);
                    log.append(new byte[i % 900]);
                    if (i % 20 == 19) log.trim(log.nextId() - 5);
                    if (i % 50 == 49) store.delete("other-" + i % 3);
                }
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
            }
        }

        @Override
        public void close() throws IOException {
            closed = true;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return; // the test interrupts the closing thread
            }
            if (failure != null) throw new IOException("the other logs failed", failure);
        }
    }
}
