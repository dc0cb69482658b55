package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.assertHolds;
import static dev.holdfast.bookkeeper.Records.batch;
import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.bookkeeper.Ledgers.ReadableLedger;
import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.bookkeeper.Ledgers.WritableLedger;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.threads.HookThread;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Checks that every call ends if threads cannot be created, are interrupted or die, and after an error at every step.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ThreadsTest {
    private final FakeWorld world = new FakeWorld();
    private final ScarceThreads threads = new ScarceThreads();
    private final List<Long> hooked = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void stop() {
        world.close();
    }

    /** Creates threads up to a limit. */
    private static final class ScarceThreads implements ThreadFactory {
        private final List<Thread> made = new ArrayList<>();
        private volatile boolean exhausted;

        @Override
        public synchronized Thread newThread(Runnable task) {
            Thread thread = new Thread(task) {
                @Override
                public void start() {
                    if (exhausted) {
                        throw new OutOfMemoryError("unable to create native thread");
                    }
                    super.start();
                }
            };
            thread.setDaemon(true);
            made.add(thread);
            return thread;
        }

        synchronized List<Thread> made() {
            return List.copyOf(made);
        }
    }

    private Log open() throws IOException {
        return world.open(world.options(), threads);
    }

    // Threads

    @Test
    void asyncAppendIsRefusedWithoutACompletionThread() throws Exception {
        try (Log log = open()) {
            threads.exhausted = true;
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> log.appendAsync(record(1)).get())
                    .withCauseInstanceOf(CallRefusedException.class)
                    .withMessageContaining("no thread could be made")
                    .withMessageContaining("nothing of it was written");
            assertThat(log.append(record(1))).isEqualTo(1); // a blocking append needs no completion thread
            threads.exhausted = false;
            assertThat(log.appendAsync(record(2)).get()).isEqualTo(2);
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
            assertHolds(log, 2);
        }
    }

    @Test
    void completionThreadStartsBeforeAnAppendIsQueued() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        try (Log log = open()) {
            world.ledgers.answerAfter(answered);
            CompletableFuture<Long> future = log.appendAsync(record(1));
            threads.exhausted = true;
            answered.countDown();
            assertThat(future.get()).isEqualTo(1);
        }
    }

    @Test
    void idleCompletionThreadEndsAndIsReplaced() throws Exception {
        try (Log log = open()) {
            assertThat(log.appendAsync(record(1)).get()).isEqualTo(1);
            Thread first = completing();
            first.join();
            assertThat(log.appendAsync(record(2)).get()).isEqualTo(2);
            assertThat(completing()).isNotSameAs(first);
        }
    }

    @Test
    void appendWithAHookIsRefusedWithoutAThreadForHooks() throws Exception {
        try (Log log = open()) {
            threads.exhausted = true;
            assertThatExceptionOfType(CallRefusedException.class)
                    .isThrownBy(() -> log.append(record(1), hooked::add))
                    .withMessageContaining("no thread could be made to run the commit hook")
                    .withMessageContaining("nothing of it was written");
            assertThat(log.append(record(1))).isEqualTo(1);
            threads.exhausted = false;
            assertThat(log.append(record(2), hooked::add)).isEqualTo(2);
            threads.exhausted = true;
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> log.appendAsync(record(3), hooked::add).get())
                    .withCauseInstanceOf(CallRefusedException.class);
            threads.exhausted = false;
            assertThat(log.appendAsync(record(3), hooked::add).get()).isEqualTo(3);
            assertThat(hooked).containsExactly(2L, 3L);
            assertHolds(log, 3);
        }
    }

    @Test
    void threadForHooksStartsBeforeAnAppendIsQueued() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        Log log = open();
        world.ledgers.answerAfter(answered);
        CompletableFuture<Long> future = log.appendAsync(record(1), hooked::add);
        threads.exhausted = true;
        answered.countDown();
        assertThat(future.get()).isEqualTo(1);
        assertThat(hooked).containsExactly(1L);
        log.close();
        for (Thread thread : threads.made()) {
            thread.join(); // the threads end with the log
        }
    }

    private Thread completing() {
        List<Thread> made = threads.made();
        return made.get(made.size() - 1);
    }

    @Test
    void completionThreadEndsWithTheLog() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        Log log = open();
        world.ledgers.answerAfter(answered);
        CompletableFuture<Long> future = log.appendAsync(record(1));
        CompletableFuture<Void> closed = CompletableFuture.runAsync(() -> {
            try {
                log.close();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        answered.countDown();
        closed.get();
        assertThat(future.get()).isEqualTo(1);
        for (Thread thread : threads.made()) {
            thread.join();
        }
    }

    @Test
    void logIsNotOpenedWithoutAThread() throws Exception {
        threads.exhausted = true;
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(this::open)
                .withMessageContaining("no thread could be made");
        threads.exhausted = false;
        open().close();
    }

    @Test
    void connectionIsNotOpenedWithoutAThread() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> BookKeeperConnection.bounded(
                        task -> {
                            throw new OutOfMemoryError("unable to create native thread");
                        },
                        Duration.ofHours(1),
                        "connecting",
                        () -> "a connection",
                        late -> {}))
                .withMessageContaining("no thread could be made");
    }

    @Test
    void strayInterruptsAreIgnored() throws Exception {
        try (Log log = open()) {
            for (int id = 1; id <= 200; id += 2) {
                CompletableFuture<Long> future = log.appendAsync(record(id));
                threads.made().forEach(Thread::interrupt);
                assertThat(log.append(record(id + 1))).isEqualTo(id + 1);
                threads.made().forEach(Thread::interrupt);
                assertThat(future.get()).isEqualTo(id);
            }
            for (int id = 201; id <= 300; id++) {
                CompletableFuture<Long> future = log.appendAsync(record(id), hooked::add);
                threads.made().forEach(Thread::interrupt);
                assertThat(future.get()).isEqualTo(id);
            }
            assertThat(hooked).isSorted().hasSize(100);
            threads.made().forEach(Thread::interrupt);
            log.truncate(100);
            assertHolds(log, 100);
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
        }
    }

    @Test
    void throwingContinuationsHarmNobody() throws Exception {
        try (Log log = open()) {
            List<CompletableFuture<Long>> futures = new ArrayList<>();
            for (int id = 1; id <= 100; id++) {
                CompletableFuture<Long> future = log.appendAsync(record(id));
                var unused = future.thenRun(() -> {
                    throw new OutOfMemoryError("of a continuation");
                });
                futures.add(future);
            }
            for (int i = 0; i < 100; i++) {
                assertThat(futures.get(i).get()).isEqualTo(i + 1);
            }
            assertThat(log.append(record(101))).isEqualTo(101);
        }
    }

    @Test
    void callsEndEvenIfTheOwnersThreadIsDead() throws Exception {
        Duration timeout = Duration.ofMillis(200);
        Deadline deadline = Deadline.after(FakeWorld.TIMEOUT);
        Manifest manifest = Manifest.takeOver(
                world.metadata, world.ledgers, world.logName, new Random(1), System::nanoTime, deadline);
        ViewHolder published = new ViewHolder(world.logName, new View(0, 1, List.of(), new Truncation(0, 0)));
        Writer writer = new Writer(
                new Writer.Settings(world.logName, new Replication(3, 3, 2), 1 << 20, 10, timeout),
                manifest,
                world.ledgers,
                published,
                new LedgerReads(world.ledgers, timeout),
                new HookThread(),
                task -> new Thread(() -> {}));
        writer.start();
        Batch batch = batch(1);
        FutureTask<Long> waiting = new FutureTask<>(() -> writer.append(batch, CommitHook.NONE));
        FutureTask<Long> another = new FutureTask<>(() -> writer.append(batch, CommitHook.NONE));
        new Thread(waiting).start(); // one of the two is admitted; there is no room for the other
        new Thread(another).start();
        for (FutureTask<Long> each : List.of(waiting, another)) {
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(each::get)
                    .withCauseInstanceOf(IOException.class);
        }
        assertThatExceptionOfType(LogFailedException.class).isThrownBy(writer::sync);
        assertThatExceptionOfType(LogFailedException.class).isThrownBy(writer::close);
        assertThatExceptionOfType(LogFailedException.class).isThrownBy(writer::close);
    }

    // Errors

    /** Simulates that memory has run out: even describing the error fails. */
    private static final class WithoutMemory extends OutOfMemoryError {
        private static final long serialVersionUID = 1L;

        @Override
        public String toString() {
            throw new OutOfMemoryError("while an error is described");
        }
    }

    /** Throws an error at one call of the seams to the cluster. */
    private static final class Thrower {
        private final AtomicInteger calls = new AtomicInteger();
        private final int at;

        Thrower(int at) {
            this.at = at;
        }

        <T> T around(Class<T> type, Object real) {
            return type.cast(Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
                        if (calls.getAndIncrement() == at) {
                            throw new WithoutMemory();
                        }
                        try {
                            Object result = method.invoke(real, args);
                            return result instanceof CompletableFuture<?> future
                                    ? future.thenApply(this::wrap)
                                    : result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }));
        }

        private Object wrap(Object result) {
            if (result instanceof WritableLedger) {
                return around(WritableLedger.class, result);
            }
            return result instanceof ReadableLedger ? around(ReadableLedger.class, result) : result;
        }

        boolean hasThrown() {
            return calls.get() > at;
        }
    }

    @Test
    void errorAtAnyStepEndsEveryCallAndLosesNothing() throws Exception {
        int at = 0;
        for (boolean thrown = true; thrown; at++) {
            thrown = lifeWithAnErrorAt(at);
        }
        assertThat(at).isGreaterThan(30);
        System.out.println("errors at each of " + at + " steps");
    }

    private static boolean lifeWithAnErrorAt(int at) throws Exception {
        Thrower thrower = new Thrower(at);
        try (FakeWorld world = new FakeWorld()) {
            long acknowledged = 0;
            List<Long> ran = new CopyOnWriteArrayList<>();
            try (Log log = BookKeeperLog.open(
                    thrower.around(Metadata.class, world.metadata),
                    thrower.around(Ledgers.class, world.ledgers),
                    world.options(),
                    new Random(1),
                    System::nanoTime,
                    BookKeeperLog::thread,
                    null)) {
                List<CompletableFuture<Long>> futures = new ArrayList<>();
                for (long id = 1; id <= 9; id += 3) {
                    futures.add(log.appendAllAsync(records(id, 3), ran::add));
                }
                for (CompletableFuture<Long> future : futures) {
                    acknowledged = future.get() + 2;
                    assertThat(ran).contains(acknowledged - 2);
                }
                acknowledged = log.append(ByteBuffer.allocate(64 << 10).putLong(0, 10)); // fills the segment
                acknowledged = log.append(record(11), ran::add);
                assertThat(ran).endsWith(11L);
                log.sync();
                log.truncate(12);
                world.ledgers.fail(1, FakeLedgers.Fault.STORED_AND_REFUSED);
                acknowledged = log.appendAll(records(12, 2), ran::add) + 1;
                assertThat(ran).endsWith(12L);
            } catch (IOException | ExecutionException | OutOfMemoryError e) {
                // The call failed with the error, or with an exception that the error caused.
            }
            assertThat(ran).isSorted().doesNotHaveDuplicates();
            try (Log log = world.open()) {
                assertThat(log.lastId().orElse(0)).isGreaterThanOrEqualTo(ran.isEmpty() ? 0 : ran.get(ran.size() - 1));
                assertThat(log.lastId().orElse(0))
                        .as("with an error at step " + at)
                        .isGreaterThanOrEqualTo(acknowledged);
                assertHolds(log, log.nextId() - 1);
            }
        }
        return thrower.hasThrown();
    }

    @Test
    void stackOverflowInACallerHarmsNoOther() throws Exception {
        BookKeeperLogOptions patient = BookKeeperLogOptions.builder("zk+hierarchical://nowhere/ledgers", world.logName)
                .timeout(Duration.ofHours(1))
                .build();
        Log log = world.open(patient);
        // Links all classes, because a class whose linking fails at the end of the stack stays unusable.
        log.append(record(1), hooked::add);
        assertThat(log.appendAsync(record(1), hooked::add).get()).isEqualTo(2);
        int failed = 0;
        for (int round = 0; round < 800; round++) {
            int left = round / 2;
            boolean async = round % 2 == 0;
            boolean withHook = left % 2 == 0;
            Log current = log;
            Thread caller = new Thread(
                    null,
                    () -> atTheEnd(left, () -> {
                        if (async && withHook) {
                            var unused = current.appendAsync(record(1), hooked::add);
                        } else if (async) {
                            var unused = current.appendAsync(record(1));
                        } else if (withHook) {
                            current.append(record(1), hooked::add);
                        } else {
                            current.append(record(1));
                        }
                    }),
                    "caller",
                    200 << 10);
            caller.start();
            caller.join();
            try {
                long id = log.appendAsync(record(2)).get(60, TimeUnit.SECONDS);
                assertThat(log.append(record(2), hooked::add)).isEqualTo(id + 1);
                assertThat(hooked).endsWith(id + 1);
                log.sync();
            } catch (LogFailedException | ExecutionException e) {
                failed++;
                log.close();
                log = world.open(patient);
            }
        }
        log.close();
        System.out.println("end of the stack: " + failed + " of 800 handles failed");
    }

    private interface Call {
        void run() throws Exception;
    }

    /** Calls {@code call} when only {@code left} further frames of this method fit on the stack. */
    @SuppressWarnings("InfiniteRecursion") // recursion until the stack is full
    private static int atTheEnd(int left, Call call) {
        try {
            int below = atTheEnd(left, call);
            if (below == left) {
                call.run();
            }
            return below + 1;
        } catch (VirtualMachineError e) {
            return 0;
        } catch (Exception e) {
            return Integer.MIN_VALUE;
        }
    }
}
