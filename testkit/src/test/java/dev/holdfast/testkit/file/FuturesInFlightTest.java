package dev.holdfast.testkit.file;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.threads.Environment;
import dev.holdfast.wal.threads.ReservedThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Checks the limit on futures whose continuations have not run, and appends that fail because no thread can be created.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuturesInFlightTest {
    private static final int LIMIT = 100_000;

    /** An empty append counts the header of its frame and the memory of its future. */
    private static final int BYTES_OF_AN_EMPTY_APPEND = 8 + 96;

    private static final LogSettings SETTINGS = new LogSettings(1 << 20, 1 << 20, 4096, LIMIT, true, 8);

    private final List<ThreadPoolExecutor> pools = new ArrayList<>();
    private final AtomicBoolean noThreads = new AtomicBoolean();
    private final AtomicInteger timersAsked = new AtomicInteger();
    private final Queue<Runnable> reductions = new ConcurrentLinkedQueue<>();
    private final AtomicLong nanos = new AtomicLong();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final ThreadPoolExecutor completing = pool(0, Integer.MAX_VALUE);

    /** Creates a pool. The test can make the creation of its threads fail. */
    private ThreadPoolExecutor pool(int core, int most) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(core, most, 10, SECONDS, new LinkedBlockingQueue<>(), task -> {
            if (noThreads.get()) {
                throw new OutOfMemoryError("unable to create native thread: simulated");
            }
            Thread thread = new Thread(task, "of-the-test");
            thread.setDaemon(true);
            return thread;
        });
        pools.add(pool);
        return pool;
    }

    private StoredLog open() throws IOException {
        Executor timer = task -> {
            timersAsked.incrementAndGet();
            if (noThreads.get()) {
                throw new OutOfMemoryError("unable to create native thread: simulated");
            }
        };
        return StoredLog.open(
                new CrashDisk().process(),
                SETTINGS,
                new Environment(
                        pool(1, 1),
                        new ReservedThreads(completing, reductions::add),
                        pool(1, 1),
                        Runnable::run,
                        timer,
                        nanos::get,
                        new AtomicLong()::incrementAndGet,
                        () -> {}));
    }

    @AfterEach
    void stop() {
        gate.countDown();
        pools.forEach(ThreadPoolExecutor::shutdownNow);
    }

    /**
     * Attaches a continuation that is certain to run on the completing thread, because that thread is blocked until the
     * continuation is attached.
     */
    private <T> CompletableFuture<T> continued(Log log, Function<Long, T> continuation) {
        CountDownLatch attached = new CountDownLatch(1);
        completing.execute(() -> await(attached));
        CompletableFuture<T> continued = log.appendAsync(ByteBuffer.allocate(0)).thenApply(continuation);
        attached.countDown();
        return continued;
    }

    /**
     * Starts a thread that appends behind the future of {@link #continued} until the limit makes it wait. The thread
     * may also wait for a lock, so the method also checks the number of appends.
     *
     * @return number of admitted appends
     */
    private static int appendUntilHeldBack(Log log) {
        AtomicInteger appended = new AtomicInteger();
        Thread appender = new Thread(() -> {
            for (int i = 0; i < 3 * LIMIT / BYTES_OF_AN_EMPTY_APPEND; i++) {
                log.appendAsync(ByteBuffer.allocate(0));
                appended.incrementAndGet();
            }
        });
        appender.setDaemon(true);
        appender.start();
        int admitted = LIMIT / BYTES_OF_AN_EMPTY_APPEND - 1;
        while (appended.get() < admitted || appender.getState() != Thread.State.WAITING) {
            assertThat(appender.isAlive())
                    .as("the appender waits because of the limit")
                    .isTrue();
            Thread.onSpinWait();
        }
        assertThat(appended).hasValue(admitted);
        return admitted;
    }

    @Test
    void futuresAreInFlightUntilTheirContinuationsHaveRun() throws Exception {
        try (Log log = open()) {
            CompletableFuture<Long> held = continued(log, id -> {
                await(gate);
                return id;
            });
            int appended = appendUntilHeldBack(log);
            // All of them are durable, so a caller that waits for its own append is not limited by them.
            assertThat(log.append(new byte[0])).isGreaterThan(appended);
            gate.countDown();
            held.get();
            log.appendAsync(ByteBuffer.allocate(0)).get();
        }
    }

    @Test
    void appendsOnTheCompletingThreadNeverWaitForRoom() throws Exception {
        try (Log log = open()) {
            CountDownLatch heldBack = new CountDownLatch(1);
            CompletableFuture<List<CompletableFuture<Long>>> continuation = continued(log, id -> {
                await(heldBack);
                List<CompletableFuture<Long>> appended = new ArrayList<>();
                for (int i = 0; i < 3 * LIMIT / BYTES_OF_AN_EMPTY_APPEND; i++) {
                    appended.add(log.appendAsync(ByteBuffer.allocate(0)));
                }
                append(log);
                return appended;
            });
            int others = appendUntilHeldBack(log);
            heldBack.countDown();
            List<CompletableFuture<Long>> appended = continuation.get();
            // These appends are admitted up to twice the limit, and then refused.
            int admitted = 2 * LIMIT / BYTES_OF_AN_EMPTY_APPEND - others - 1;
            for (int i = 0; i < appended.size(); i++) {
                CompletableFuture<Long> future = appended.get(i);
                if (i < admitted) {
                    assertThat(future.get()).isPositive();
                } else {
                    assertThatThrownBy(future::get)
                            .hasCauseInstanceOf(CallRefusedException.class)
                            .hasMessageContaining("Nothing of this append was written");
                }
            }
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
            log.appendAsync(ByteBuffer.allocate(0)).get();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void append(Log log) {
        try {
            log.append(new byte[0]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void appendIsRefusedIfNoThreadCanCompleteItsFuture() throws Exception {
        try (Log log = open()) {
            noThreads.set(true);
            assertThatThrownBy(() -> log.appendAsync(ByteBuffer.allocate(5)).get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(CallRefusedException.class)
                    .hasMessageContaining("unable to create native thread");
            assertThat(log.append(new byte[1]))
                    .as("the refused append used no id")
                    .isEqualTo(1);
            assertThat(completing.getQueue()).isEmpty();
            noThreads.set(false);
            assertThat(log.appendAsync(ByteBuffer.allocate(5)).get()).isEqualTo(2);
        }
    }

    /**
     * The completing thread exists before the append is queued. Continuations run on it, even if they append and wait.
     */
    @Test
    void continuationsThatAppendCompleteIfNoThreadCanBeCreated()
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        try (Log log = open()) {
            log.appendAsync(ByteBuffer.allocate(1)).get();
            completing.setKeepAliveTime(1, TimeUnit.NANOSECONDS);
            noThreads.set(true);
            for (int i = 0; i < 100; i++) {
                CompletableFuture<Thread> thread = log.appendAsync(ByteBuffer.allocate(1))
                        .thenCombine(log.appendAsync(ByteBuffer.allocate(1)), (first, second) -> {
                            append(log);
                            return Thread.currentThread();
                        });
                assertThat(thread.get(30, TimeUnit.SECONDS)).isNotNull();
            }
            assertThat(completing.getPoolSize()).isEqualTo(1);
        }
    }

    @Test
    void completingThreadStaysReservedWhileFuturesAreInFlight() throws Exception {
        try (Log log = open()) {
            CountDownLatch entered = new CountDownLatch(1);
            CompletableFuture<Long> inFlight = continued(log, id -> {
                        CompletableFuture<Long> next = log.appendAsync(ByteBuffer.allocate(0), nextId -> {
                            entered.countDown();
                            await(gate);
                        });
                        await(entered);
                        return next;
                    })
                    .get();
            while (completing.getActiveCount() > 0) {
                Thread.onSpinWait();
            }
            assertThat(reductions).as("ended reservations").isEmpty();
            gate.countDown();
            inFlight.get();
        }
    }

    @Test
    void failedTimerIsRetriedAfterASecond() throws IOException {
        try (Log log = open()) {
            noThreads.set(true);
            for (int i = 0; i < 50; i++) {
                log.append(new byte[1]);
            }
            assertThat(timersAsked).hasValue(1);
            nanos.addAndGet(Environment.IDLE_NANOS);
            log.append(new byte[1]);
            log.append(new byte[1]);
            assertThat(timersAsked).hasValue(2);
            noThreads.set(false);
            nanos.addAndGet(Environment.IDLE_NANOS);
            log.append(new byte[1]);
            log.append(new byte[1]);
            assertThat(timersAsked).hasValue(3);
        }
    }
}
