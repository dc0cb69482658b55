package dev.holdfast.testkit;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.Durability;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs the contract tests against the log on disk, with several options. */
class FileLogContractTest {
    @Nested
    class WithDefaultOptions extends OnDisk {
        WithDefaultOptions() {
            super(FileLogOptions.builder().build());
        }
    }

    @Nested
    class WithSmallSegments extends OnDisk {
        WithSmallSegments() {
            super(FileLogOptions.builder().segmentBytes(8 << 10).build());
        }
    }

    @Nested
    class SurvivingProcessCrashOnly extends OnDisk {
        SurvivingProcessCrashOnly() {
            super(FileLogOptions.builder().durability(Durability.PROCESS_CRASH).build());
        }
    }

    /** Runs each test on a virtual thread, if this JDK has virtual threads. */
    @Nested
    @ExtendWith(OnVirtualThreads.class)
    class CalledByVirtualThreads extends OnDisk {
        CalledByVirtualThreads() {
            super(FileLogOptions.builder().segmentBytes(8 << 10).build());
        }
    }

    /** Almost every append waits because the limit on bytes in flight is tiny. */
    @Nested
    class WithHardlyAnyBytesInFlight extends OnDisk {
        WithHardlyAnyBytesInFlight() {
            super(FileLogOptions.builder().maxBytesInFlight(100).build());
        }
    }

    abstract static class OnDisk implements LogContract {
        private final FileLogOptions options;

        @TempDir
        Path directory;

        OnDisk(FileLogOptions options) {
            this.options = options;
        }

        @Override
        public Log openLog() throws IOException {
            return FileLog.open(directory.resolve("log"), options);
        }

        @Override
        public boolean persistent() {
            return true;
        }
    }
}
