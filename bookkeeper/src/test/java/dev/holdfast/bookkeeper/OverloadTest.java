package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.assertHolds;
import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogStats;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.bookkeeper.client.api.WriteHandle;
import org.apache.bookkeeper.conf.ClientConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests more appends than the bookies accept, and slow clients. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OverloadTest {
    private final FakeWorld world = new FakeWorld();

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void manySmallAppendsAreHeldBackInsteadOfFailingTheHandle() throws Exception {
        int count = 8000; // they take twice the timeout, but only a thousandth of the limit on bytes in flight
        try (Log log = world.open()) {
            world.ledgers.slowDown(Duration.ofMillis(1));
            List<CompletableFuture<Long>> futures = new ArrayList<>();
            for (long id = 1; id <= count; id++) {
                futures.add(log.appendAsync(record(id)));
            }
            for (int i = 0; i < count; i++) {
                assertThat(futures.get(i).get()).isEqualTo(i + 1);
            }
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
            assertHolds(log, count);
        }
    }

    @Test
    void batchLargerThanTheWindowIsNotStarvedBySmallBatches() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService callers = Executors.newFixedThreadPool(4);
        try (Log log = world.open()) {
            world.ledgers.slowDown(Duration.ofMillis(1));
            List<Future<?>> running = new ArrayList<>();
            CountDownLatch begun = new CountDownLatch(4);
            for (int i = 0; i < 4; i++) {
                running.add(callers.submit(() -> {
                    while (!over.get()) {
                        log.append(record(0));
                        begun.countDown();
                    }
                    return null;
                }));
            }
            begun.await();
            long first = log.appendAll(records(0, (int) Admission.LEAST_RECORDS + 1));
            assertThat(log.lastId().orElseThrow()).isGreaterThanOrEqualTo(first + Admission.LEAST_RECORDS);
            over.set(true);
            for (Future<?> each : running) {
                each.get();
            }
        } finally {
            over.set(true);
            callers.shutdown();
        }
    }

    @Test
    void appendFailsInTimeIfTheClientBlocks() throws Exception {
        Log log = world.open();
        world.ledgers.throttle(Duration.ofMillis(200));
        CompletableFuture<Long> batch = log.appendAllAsync(records(1, 200));
        assertThat(batch)
                .failsWithin(FakeWorld.TIMEOUT.multipliedBy(2))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(LogFailedException.class);
        log.close();
    }

    private static final int RECORD_BYTES = Entry.HEADER_BYTES + Long.BYTES;

    private Log openWithRoomFor(int count) throws IOException {
        return world.open(BookKeeperLogOptions.builder("zk+hierarchical://nowhere/ledgers", world.logName)
                .maxBytesInFlight((long) count * RECORD_BYTES)
                .timeout(Duration.ofHours(1))
                .build());
    }

    @Test
    void slowContinuationsHoldAppendsBack() throws Exception {
        CountDownLatch attached = new CountDownLatch(1);
        try (Log log = openWithRoomFor(10);
                Gate slow = new Gate()) {
            world.ledgers.answerAfter(attached);
            List<CompletableFuture<Void>> told = new ArrayList<>();
            FutureTask<Void> calls = new FutureTask<>(() -> {
                for (long id = 1; id <= 100; id++) {
                    told.add(log.appendAsync(record(id)).thenAccept(ignored -> await(slow.latch)));
                }
                return null;
            });
            Thread caller = new Thread(calls);
            caller.start();
            awaitWaiting(caller);
            attached.countDown();
            log.sync(); // all appends are acknowledged, and stay in flight until the continuation has run
            assertThat(log.nextId()).isEqualTo(11);
            awaitWaiting(caller);
            slow.open();
            calls.get();
            for (CompletableFuture<Void> each : told) {
                each.get();
            }
            assertHolds(log, 100);
        }
    }

    @Test
    void continuationAppendsWithoutWaitingUpToTwiceTheLimit() throws Exception {
        CountDownLatch attached = new CountDownLatch(1);
        try (Log log = openWithRoomFor(10);
                Gate answered = new Gate()) {
            world.ledgers.answerAfter(attached);
            List<CompletableFuture<Long>> appended = new ArrayList<>();
            CompletableFuture<Void> continuation = log.appendAsync(record(1)).thenAccept(id -> {
                world.ledgers.answerAfter(answered.latch);
                for (int i = 0; i < 30; i++) {
                    appended.add(log.appendAsync(record(2 + i)));
                }
            });
            attached.countDown();
            continuation.get();
            assertThat(appended.stream().filter(each -> each.isCompletedExceptionally()))
                    .hasSize(11);
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> appended.get(29).get())
                    .withCauseInstanceOf(CallRefusedException.class)
                    .withMessageContaining("Nothing of this append was written");
            answered.open();
            for (int i = 0; i < 19; i++) { // with the append whose continuation is running
                assertThat(appended.get(i).get()).isEqualTo(2 + i);
            }
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
            assertHolds(log, 20);
        }
    }

    @Test
    void continuationMayAppendAndWaitWithoutRoom() throws Exception {
        CountDownLatch attached = new CountDownLatch(1);
        try (Log log = openWithRoomFor(1)) {
            world.ledgers.answerAfter(attached);
            CompletableFuture<Long> second = log.appendAsync(record(1)).thenApply(id -> append(log, record(2)));
            attached.countDown();
            assertThat(second.get()).isEqualTo(2);
            assertHolds(log, 2);
        }
    }

    /** A latch that opens when the test ends at the latest, so that the log can be closed. */
    private static final class Gate implements AutoCloseable {
        private final CountDownLatch latch = new CountDownLatch(1);

        void open() {
            latch.countDown();
        }

        @Override
        public void close() {
            open();
        }
    }

    private static long append(Log log, ByteBuffer data) {
        try {
            return log.append(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
    }

    // Admission

    /** Callers that each wait for room for one record, and the order in which they are admitted. */
    private static final class Callers {
        private final AdmissionQueue admissions = new AdmissionQueue(new Admission(10, Duration.ofSeconds(8)));
        private final List<Integer> admitted = Collections.synchronizedList(new ArrayList<>());
        private final List<Thread> threads = new ArrayList<>();

        Thread comes(int number, long bytes, Duration patience) {
            Thread thread = new Thread(() -> {
                if (admissions.admit(bytes, 1, Deadline.after(patience)) > 0) {
                    admitted.add(number);
                }
            });
            threads.add(thread);
            thread.start();
            awaitWaiting(thread);
            return thread;
        }
    }

    @Test
    void callersAreAdmittedInOrderAndOnlyAsManyAsFit() throws Exception {
        Callers callers = new Callers();
        assertThat(callers.admissions.admit(10, 1, Deadline.after(Duration.ofHours(1))))
                .isEqualTo(1);
        for (int i = 0; i < 20; i++) {
            callers.comes(i, 5, Duration.ofHours(1));
        }
        callers.admissions.giveBack(10, 1);
        for (int i = 0; i < 18; i += 2) {
            callers.threads.get(i).join();
            callers.threads.get(i + 1).join();
            assertThat(callers.admitted.subList(i, i + 2)).containsExactlyInAnyOrder(i, i + 1);
            assertThat(callers.admitted).hasSize(i + 2);
            callers.admissions.giveBack(5, 1);
            callers.threads.get(i + 2).join();
            assertThat(callers.admitted).hasSize(i + 3).contains(i + 2);
            callers.admissions.giveBack(5, 1);
        }
    }

    @Test
    void callerThatTimesOutPassesItsTurnOn() throws Exception {
        Callers callers = new Callers();
        assertThat(callers.admissions.admit(4, 1, Deadline.after(Duration.ofHours(1))))
                .isEqualTo(1);
        Thread large = callers.comes(1, 9, Duration.ofMillis(500));
        Thread small = callers.comes(2, 5, Duration.ofHours(1));
        large.join();
        small.join();
        assertThat(callers.admitted).containsExactly(2);
    }

    @Test
    void interruptedCallerKeepsItsPlaceAndItsInterrupt() throws Exception {
        AdmissionQueue admissions = new AdmissionQueue(new Admission(10, Duration.ofSeconds(8)));
        long first = admissions.admit(10, 1, Deadline.after(Duration.ofHours(1)));
        FutureTask<Boolean> call = new FutureTask<>(() -> {
            Thread.currentThread().interrupt();
            return admissions.admit(10, 1, Deadline.after(Duration.ofHours(1))) == first
                    && Thread.currentThread().isInterrupted();
        });
        Thread caller = new Thread(call);
        caller.start();
        awaitWaiting(caller);
        caller.interrupt();
        admissions.giveBack(10, 1);
        assertThat(call.get()).isTrue();
    }

    @Test
    void noCallerWaitsForRoomInAClosedLog() throws Exception {
        Callers callers = new Callers();
        assertThat(callers.admissions.admit(10, 1, Deadline.after(Duration.ofHours(1))))
                .isEqualTo(1);
        for (int i = 0; i < 5; i++) {
            callers.comes(i, 5, Duration.ofHours(1));
        }
        callers.admissions.stop();
        for (Thread each : callers.threads) {
            each.join();
        }
        assertThat(callers.admitted).isEmpty();
    }

    // Slow bookies

    private Log openWithLargeSegments() throws IOException {
        return world.open(BookKeeperLogOptions.builder("zk+hierarchical://nowhere/ledgers", world.logName)
                .timeout(FakeWorld.TIMEOUT)
                .build());
    }

    @Test
    void segmentWithAStalledBookieIsReplaced() throws Exception {
        try (Log log = openWithLargeSegments()) {
            log.append(record(1));
            world.ledgers.slowBookieBefore(2);
            long last = 1;
            while (world.state().segments().size() == 1) {
                log.append(record(++last));
            }
            assertThat(world.state().last().ledgerId()).isEqualTo(2);
            assertThat(world.ledgers.ids()).containsExactly(0L, 2L); // one more ledger was tried and was not better
            assertHolds(log, last);
        }
    }

    @Test
    void unavoidableStalledBookieCostsNoSegments() throws Exception {
        try (Log log = openWithLargeSegments()) {
            log.append(record(1));
            world.ledgers.slowBookieBefore(Long.MAX_VALUE);
            long last = 1;
            while (world.ledgers.made() < 4) {
                log.append(record(++last));
            }
            assertThat(world.state().segments()).hasSize(1);
            assertThat(world.ledgers.ids()).containsExactly(0L);
            assertHolds(log, last);
        }
    }

    @Test
    void entriesWaitWhileTheClientHasNoRoom() throws Exception {
        try (Log log = world.open()) {
            log.append(record(1));
            world.ledgers.room(false);
            CompletableFuture<Long> held = log.appendAsync(record(2));
            CompletableFuture<Long> behind = log.appendAsync(record(3));
            assertThat(log.lastId()).hasValue(1);
            assertThat(held).isNotDone();
            world.ledgers.room(true);
            assertThat(behind.get()).isEqualTo(3);
            assertThat(held.get()).isEqualTo(2);
        }
    }

    @Test
    void clientCountsBytesInFlightUntilAcknowledgedOrSealed() throws Exception {
        List<CompletableFuture<Long>> answers = new ArrayList<>();
        WriteHandle handle = (WriteHandle) Proxy.newProxyInstance(
                WriteHandle.class.getClassLoader(), new Class<?>[] {WriteHandle.class}, (proxy, method, arguments) -> {
                    CompletableFuture<Object> answer = new CompletableFuture<>();
                    if (method.getName().equals("appendAsync")) {
                        answers.add(answer.thenApply(Long.class::cast));
                        return answers.get(answers.size() - 1);
                    }
                    return answer;
                });
        BookKeeperLedgers.InFlight inFlight = new BookKeeperLedgers.InFlight(10_000);
        BookKeeperLedgers.Written first = new BookKeeperLedgers.Written(handle, inFlight, null);
        BookKeeperLedgers.Written second = new BookKeeperLedgers.Written(handle, inFlight, null);
        first.append(new byte[6000], (entry, failed) -> {});
        assertThat(second.hasRoom()).isTrue();
        second.append(new byte[6000], (entry, failed) -> {});
        assertThat(first.hasRoom()).isFalse();
        answers.get(0).complete(0L);
        assertThat(first.hasRoom()).isTrue();
        first.append(new byte[6000], (entry, failed) -> {});
        assertThat(first.hasRoom()).isFalse();
        var unused = second.seal(); // the ledger is given up, and its answers may never arrive
        assertThat(first.hasRoom()).isTrue();
        answers.get(1).completeExceptionally(new IllegalStateException("late"));
        first.append(new byte[3000], (entry, failed) -> {});
        assertThat(first.hasRoom()).isTrue(); // 9,512 bytes: a late answer is not counted twice
        first.append(new byte[1000], (entry, failed) -> {});
        assertThat(first.hasRoom()).isFalse();
    }

    @Test
    void clientStopsSendingToABookieThatIsFarBehind() {
        ClientConfiguration configuration = BookKeeperConnection.configuration(
                BookKeeperLogOptions.builder("zk+hierarchical://nowhere/ledgers", "log")
                        .client(settings -> settings.setWaitTimeoutOnBackpressureMillis(-1))
                        .build());
        assertThat(configuration.getWaitTimeoutOnBackpressureMillis()).isZero();
        assertThat(configuration.getClientWriteBufferHighWaterMark()).isEqualTo(128 << 20);
        assertThat(configuration.getTcpUserTimeoutMillis()).isEqualTo(7000);
    }

    @Test
    void bookKeeperClientDoesNotThrottleItself() {
        BookKeeperLogOptions options = BookKeeperLogOptions.builder("zk+hierarchical://nowhere/ledgers", "log")
                .client(settings -> settings.setThrottleValue(100))
                .build();
        ClientConfiguration configuration = BookKeeperConnection.configuration(options);
        assertThat(configuration.getThrottleValue()).isZero();
    }

    @Test
    void windowDoublesAndShrinksToAnEighthOfTheTimeout() {
        Admission admission = new Admission(Long.MAX_VALUE, Duration.ofSeconds(8));
        long second = Duration.ofSeconds(1).toNanos();
        assertRoom(admission, Admission.LEAST_RECORDS);
        admission.acknowledged(1000, second / 100);
        assertRoom(admission, 2000);
        admission.acknowledged(4000, second / 100);
        assertRoom(admission, 8000);
        admission.acknowledged(4000, 2 * second); // 2,000 in each second
        assertRoom(admission, 2000);
        admission.acknowledged(1, 1); // the speed of one record does not predict the speed of many
        assertRoom(admission, Admission.LEAST_RECORDS);
        admission.acknowledged(4000, 1000 * second); // even bookies that seem to accept nothing still get a record
        assertRoom(admission, Admission.LEAST_RECORDS);
    }

    @Test
    void recordsThatWaitForHooksDoNotWidenTheWindow() {
        AdmissionQueue admissions = new AdmissionQueue(new Admission(Long.MAX_VALUE, Duration.ofSeconds(8)));
        Deadline soon = Deadline.after(Duration.ofHours(1));
        for (int i = 0; i < 900; i++) {
            assertThat(admissions.admit(1, 1, soon)).isEqualTo(1); // all records before it are acknowledged
            admissions.acknowledged(1, 1, 1);
        }
        assertThat(admissions.admit(1, 1, soon)).isEqualTo(1);
        assertThat(admissions.admit(1, 1, soon)).isEqualTo(2);
        admissions.giveBack(1, 1); // refused
        assertThat(admissions.admit(1, 1, soon)).isEqualTo(2);
        for (int i = 0; i < 900; i++) {
            admissions.giveBackAcknowledged(1, 1);
        }
        assertThat(admissions.admit(1, 1, soon)).isEqualTo(3);
    }

    @Test
    void batchLargerThanAllLimitsIsAdmittedAlone() {
        Admission admission = new Admission(100, Duration.ofSeconds(8));
        assertThat(admission.hasRoom(1000, 1_000_000)).isTrue();
        admission.add(1000, 1_000_000);
        assertThat(admission.hasRoom(1, 1)).isFalse();
        admission.remove(1000, 1_000_000);
        assertThat(admission.hasRoom(100, 1)).isTrue();
        admission.add(100, 1);
        assertThat(admission.hasRoom(1, 1)).isFalse();
    }

    /**
     * Asserts that there is room for exactly {@code records} records, in addition to the record in flight that makes
     * the limit apply.
     */
    private static void assertRoom(Admission admission, long records) {
        admission.add(1, 1);
        assertThat(admission.hasRoom(records - 1, records - 1)).isTrue();
        assertThat(admission.hasRoom(records, records)).isFalse();
        admission.remove(1, 1);
    }
}
