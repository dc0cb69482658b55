package dev.holdfast.wal.store;

import dev.holdfast.testkit.LogContract;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.memory.MemoryLog;
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

        @Override
        public Log openLog() throws IOException {
            return new LogOfAStore(LogStore.open(directory.resolve("store"), options), "under test");
        }

        @Override
        public boolean persistent() {
            return true;
        }
    }
}
