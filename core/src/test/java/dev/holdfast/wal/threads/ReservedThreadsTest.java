package dev.holdfast.wal.threads;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReservedThreadsTest {
    private final AtomicBoolean noThreads = new AtomicBoolean();
    private final Queue<Runnable> later = new ArrayDeque<>();
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(0, Integer.MAX_VALUE, 1, TimeUnit.NANOSECONDS, new LinkedBlockingQueue<>(), task -> {
                if (noThreads.get()) {
                    throw new OutOfMemoryError("unable to create native thread: simulated");
                }
                return DaemonThreads.of(task, "of-the-test");
            });
    private final ReservedThreads threads = new ReservedThreads(pool, later::add);
    private final CountDownLatch gate = new CountDownLatch(1);

    @AfterEach
    void stop() {
        gate.countDown();
        pool.shutdown();
    }

    private void block() {
        CompletableFuture<Void> runs = new CompletableFuture<>();
        threads.execute(() -> {
            runs.complete(null);
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        runs.join();
    }

    @Test
    void taskWithAReservationRunsWhileTheTasksOfAllOtherReservationsBlock() throws Exception {
        for (int i = 0; i < 5; i++) {
            threads.reserve();
        }
        noThreads.set(true);
        for (int i = 0; i < 4; i++) {
            block();
        }
        CompletableFuture<Void> ran = new CompletableFuture<>();
        threads.execute(() -> ran.complete(null));
        ran.get(30, SECONDS);
    }

    @Test
    void reservationFailsIfItsThreadCannotBeCreated() {
        threads.reserve();
        noThreads.set(true);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(threads::reserve).isInstanceOf(OutOfMemoryError.class);
        }
        noThreads.set(false);
        threads.reserve();
        assertThat(pool.getPoolSize()).isEqualTo(2);
    }

    @Test
    void reservationsOneAfterTheOtherShareAThread() {
        for (int i = 0; i < 100; i++) {
            threads.reserve();
            threads.release();
        }
        assertThat(pool.getPoolSize()).isEqualTo(1);
        assertThat(later).hasSize(1);
    }

    @Test
    void threadsEndOnlyAWhileAfterTheirReservations() {
        for (int i = 0; i < 3; i++) {
            threads.reserve();
        }
        threads.release();
        threads.release();
        later.remove().run();
        assertThat(pool.getPoolSize()).as("threads a second later").isEqualTo(3);
        later.remove().run();
        awaitPoolSize(1);
        assertThat(later).isEmpty();
        threads.release();
        later.remove().run();
        later.remove().run();
        awaitPoolSize(0);
        assertThat(later).isEmpty();
    }

    private void awaitPoolSize(int size) {
        while (pool.getPoolSize() != size) {
            Thread.onSpinWait();
        }
    }
}
