package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.assertHolds;
import static dev.holdfast.bookkeeper.Records.batch;
import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFencedException;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.threads.HookThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Commit hooks of a log whose owner is replaced, whose bookies fail, and whose calls have bounds. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CommitHookTest {
    private static final Duration SHORT = Duration.ofSeconds(2);

    private final FakeWorld world = new FakeWorld();
    private final List<Long> ran = Collections.synchronizedList(new ArrayList<>());
    private final HeldHook held = new HeldHook();

    @AfterEach
    void stop() {
        held.release();
        world.close();
    }

    /** A hook that waits for its release. */
    private final class HeldHook implements CommitHook {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        @Override
        public void committed(long firstId) {
            entered.countDown();
            awaitLatch(released);
            ran.add(firstId);
        }

        void awaitEntered() {
            awaitLatch(entered);
        }

        void release() {
            released.countDown();
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static <T> FutureTask<T> start(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        new Thread(task).start();
        return task;
    }

    /** Opens a log with a timeout that is shorter than the least one of the options. */
    private static Writer writer(FakeWorld of, Duration timeout, long maxBytesInFlight) throws IOException {
        Manifest manifest = Manifest.takeOver(
                of.metadata, of.ledgers, of.logName, new Random(1), System::nanoTime, Deadline.after(timeout));
        Writer writer = new Writer(
                new Writer.Settings(of.logName, new Replication(3, 3, 2), 1 << 20, maxBytesInFlight, timeout),
                manifest,
                of.ledgers,
                new ViewHolder(of.logName, new View(0, 1, List.of(), new Truncation(0, 0))),
                new LedgerReads(of.ledgers, timeout),
                new HookThread(),
                BookKeeperLog::thread);
        writer.start();
        return writer;
    }

    private Writer writer() throws IOException {
        return writer(world, SHORT, 1 << 20);
    }

    private static long append(Writer writer, long id, @Nullable CommitHook hook) throws IOException {
        return writer.append(batch(id), hook);
    }

    private static CompletableFuture<Long> appendAsync(Writer writer, long id, @Nullable CommitHook hook) {
        return writer.appendAsync(batch(id), first -> first, hook);
    }

    private interface Action {
        void run() throws Exception;
    }

    /** Starts a call that waits, and returns when it does. */
    private static FutureTask<Boolean> startAndAwaitWaiting(Action call) {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            call.run();
            return true;
        });
        Thread thread = new Thread(task);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return task;
    }

    // the owner's thread

    @Test
    void ownerWritesAndPublishesRecordsWhileAHookRuns() throws Exception {
        try (Log log = world.open()) {
            CompletableFuture<Long> first = log.appendAsync(record(1), held);
            held.awaitEntered();
            List<CompletableFuture<Long>> later = new ArrayList<>();
            for (long id = 2; id <= 100; id++) {
                later.add(id % 2 == 0 ? log.appendAsync(record(id)) : log.appendAsync(record(id), ran::add));
            }
            await().until(() -> log.nextId() == 101);
            assertThat(first).isNotDone();
            assertThat(later).noneMatch(CompletableFuture::isDone);
            held.release();
            for (int i = 0; i < later.size(); i++) {
                assertThat(later.get(i).get()).isEqualTo(i + 2);
            }
            assertThat(ran).isSorted().hasSize(50);
        }
    }

    // fencing

    @Test
    void ownerThatIsFencedDuringAHookFinishesThatHookAndRunsNoOther() throws Exception {
        Log old = world.open();
        CompletableFuture<Long> first = old.appendAsync(record(1), held);
        CompletableFuture<Long> second = old.appendAsync(record(2), ran::add);
        await().until(() -> old.nextId() == 3);
        held.awaitEntered();
        try (Log owner = world.open()) {
            assertHolds(owner, 2);
            CompletableFuture<Long> fenced = old.appendAsync(record(3), ran::add);
            await().until(() -> old.stats().state() == LogStats.State.FAILED);
            assertThat(fenced).isNotDone(); // because the hooks of acknowledged appends run first
            owner.append(record(3));
            held.release();
            assertThat(first.get()).isEqualTo(1);
            assertThat(second.get()).isEqualTo(2);
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(fenced::get)
                    .withCauseInstanceOf(LogFencedException.class);
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> old.append(record(3), ran::add));
            assertThat(ran).containsExactly(1L, 2L);
        }
        old.close();
    }

    // time

    @Test
    void appendThatTimesOutDuringAHookFailsTheLogAndNotTheHook() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        Writer writer = writer();
        FutureTask<Long> first = start(() -> append(writer, 1, held));
        held.awaitEntered();
        world.ledgers.answerAfter(answers);
        CompletableFuture<Long> second = appendAsync(writer, 2, ran::add);
        FutureTask<Boolean> sync = startAndAwaitWaiting(writer::sync);
        await().until(() -> writer.figures().failure() != null);
        FutureTask<Boolean> closed = startAndAwaitWaiting(writer::close);
        assertThat(first.isDone() || second.isDone() || sync.isDone() || closed.isDone())
                .isFalse(); // because the hook of an acknowledged append runs first
        held.release();
        assertThat(first.get()).isEqualTo(1);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(second::get)
                .withCauseInstanceOf(LogFailedException.class);
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(sync::get)
                .withCauseInstanceOf(LogFailedException.class);
        answers.countDown();
        assertThat(closed.get()).isTrue();
        assertThat(ran).containsExactly(1L);
    }

    /**
     * A hook that appends to another log, whose bookies do not answer. So the hook takes longer than any call of its
     * own log may take.
     */
    private final class SlowHook implements CommitHook {
        private final CountDownLatch entered = new CountDownLatch(1);

        @Override
        public void committed(long firstId) {
            try (FakeWorld elsewhere = new FakeWorld()) {
                Writer other = writer(elsewhere, SHORT.multipliedBy(5).dividedBy(2), 1 << 20);
                elsewhere.ledgers.answerAfter(new CountDownLatch(1));
                entered.countDown();
                assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> append(other, 1, CommitHook.NONE));
                other.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            ran.add(firstId);
        }
    }

    @Test
    void hookThatIsSlowerThanTheBoundOfACallMakesNoCallTimeOut() throws Exception {
        SlowHook slow = new SlowHook();
        Writer writer = writer(world, SHORT, 3L * (Entry.HEADER_BYTES + Long.BYTES));
        FutureTask<Long> first = start(() -> append(writer, 1, slow));
        awaitLatch(slow.entered);
        FutureTask<Boolean> acknowledged = startAndAwaitWaiting(() -> append(writer, 2, CommitHook.NONE));
        FutureTask<Boolean> operation = startAndAwaitWaiting(() -> writer.trim(1));
        CompletableFuture<Long> behindTheOperation = appendAsync(writer, 3, ran::add);
        FutureTask<Boolean> withoutRoom = startAndAwaitWaiting(() -> append(writer, 4, ran::add));
        assertThat(first.get()).isEqualTo(1);
        assertThat(acknowledged.get()).isTrue();
        assertThat(operation.get()).isTrue();
        assertThat(behindTheOperation.get()).isEqualTo(3);
        assertThat(withoutRoom.get()).isTrue();
        assertThat(append(writer, 5, ran::add)).isEqualTo(5);
        assertThat(writer.figures().failure()).isNull();
        assertThat(ran).containsExactly(1L, 3L, 4L, 5L);
        writer.close();
    }

    // close

    @Test
    void closeWaitsForAHookThatIsSlowerThanItsBound() throws Exception {
        SlowHook slow = new SlowHook();
        Writer writer = writer();
        CompletableFuture<Long> first = appendAsync(writer, 1, slow);
        CompletableFuture<Long> second = appendAsync(writer, 2, ran::add);
        awaitLatch(slow.entered);
        writer.close();
        assertThat(ran).containsExactly(1L, 2L);
        assertThat(first.get()).isEqualTo(1);
        assertThat(second.get()).isEqualTo(2);
        assertThat(world.state().isOpen()).isFalse(); // the last ledger is sealed
    }

    @Test
    void hookThatRunsWhileTheLogIsBeingClosedReads() throws Exception {
        Log log = world.open();
        CountDownLatch entered = new CountDownLatch(1);
        FutureTask<Long> first = start(() -> log.append(record(1), id -> {
            entered.countDown();
            await().until(() -> log.stats().state() == LogStats.State.CLOSED);
            assertThat(log.lastId()).hasValue(1);
            ran.add(read(log, id));
        }));
        awaitLatch(entered);
        log.close();
        assertThat(first.get()).isEqualTo(1);
        assertThat(ran).containsExactly(1L);
    }

    private static long read(Log log, long id) {
        try {
            return log.read(id).orElseThrow().data().getLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // bookies

    @ParameterizedTest
    @EnumSource(FakeLedgers.Fault.class)
    void hooksOfBatchesThatAreWrittenAgainRunOnceAndInOrder(FakeLedgers.Fault fault) throws Exception {
        try (Log log = world.open()) {
            world.ledgers.fail(4, fault);
            List<CompletableFuture<Long>> futures = new ArrayList<>();
            for (long id = 1; id <= 21; id += 3) {
                futures.add(log.appendAllAsync(records(id, 3), ran::add));
            }
            for (int i = 0; i < futures.size(); i++) {
                assertThat(futures.get(i).get()).isEqualTo(1 + 3L * i);
            }
            assertThat(ran).containsExactly(1L, 4L, 7L, 10L, 13L, 16L, 19L);
            assertHolds(log, 21);
        }
    }

    @Test
    void hookOfAnAppendThatIsRefusedForLackOfBookiesNeverRuns() throws Exception {
        Writer writer = writer();
        append(writer, 1, ran::add);
        world.ledgers.bookies(1);
        world.ledgers.fail(0, FakeLedgers.Fault.REFUSED);
        CompletableFuture<Long> refused = appendAsync(writer, 2, id -> ran.add(-id));
        assertThatExceptionOfType(TooFewBookiesException.class).isThrownBy(() -> append(writer, 3, id -> ran.add(-id)));
        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(refused::get)
                .withCauseInstanceOf(TooFewBookiesException.class);
        world.ledgers.bookies(3);
        assertThat(append(writer, 2, ran::add)).isEqualTo(2);
        assertThat(ran).containsExactly(1L, 2L);
        writer.close();
    }
}
