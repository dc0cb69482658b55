package dev.holdfast.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.file.FileLogOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Hooks of the logs of one store. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StoreHookTest {
    @TempDir
    Path directory;

    @Test
    void hookThatChangesAnotherLogOfTheStoreIsRefused() throws Exception {
        try (LogStore store = LogStore.open(directory.resolve("store"))) {
            Log log = store.log("a");
            Log other = store.log("b");
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            log.append(ByteBuffer.allocate(1), id -> thrown.set(catchThrowable(() -> other.append(new byte[1]))));
            assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
            log.append(ByteBuffer.allocate(1), id -> thrown.set(catchThrowable(() -> other.trim(1))));
            assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
            assertThat(other.append(new byte[1])).isEqualTo(1);
        }
    }

    /** The append that waits for room holds the lock of the numbering, and waits for the hook to end. */
    @Test
    void hookIsRefusedAtOnceWhileAnAppendWaitsForRoom() throws Exception {
        LogStoreOptions options = LogStoreOptions.builder()
                .shared(FileLogOptions.builder().maxBytesInFlight(100).build())
                .build();
        try (LogStore store = LogStore.open(directory.resolve("store"), options)) {
            Log log = store.log("a");
            Log other = store.log("b");
            CountDownLatch hookRuns = new CountDownLatch(1);
            CompletableFuture<Long> appended = new CompletableFuture<>();
            Thread waiting = new Thread(() -> {
                try {
                    hookRuns.await();
                    appended.complete(other.append(new byte[1000]));
                } catch (Throwable e) {
                    appended.completeExceptionally(e);
                }
            });
            waiting.start();
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            log.append(ByteBuffer.allocate(1000), id -> {
                hookRuns.countDown();
                while (waiting.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                thrown.set(catchThrowable(() -> other.append(new byte[1])));
            });
            assertThat(thrown.get()).isInstanceOf(IllegalStateException.class);
            assertThat(appended.get()).isEqualTo(1);
        }
    }
}
