package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.testkit.HistoryChecker;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFencedException;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills, pauses and disconnects four bookies and ZooKeeper, each a process of its own, while a log is used.
 * {@code -Dholdfast.seed} repeats a run, {@code -Dholdfast.bookkeeper.steps} sets its length.
 */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusterChaosTest {
    private static final int STEPS = Integer.getInteger("holdfast.bookkeeper.steps", 25);
    private static final int BOOKIES = 4;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = new ProcessCluster(directory, Network.loopback(), BOOKIES);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @AfterEach
    void mend() throws Exception {
        cluster.calm();
    }

    @Test
    void nothingIsLostIfProcessesAreKilledPausedAndDisconnected() throws Exception {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("chaos: rerun with -Dholdfast.seed=" + seed);
        cluster.useLog("chaos");
        ClusterHistory history = new ClusterHistory(cluster, seed, ProcessCluster.BOUND, 20);
        history.run(STEPS);
        System.out.println("chaos: " + history.counts() + ", " + cluster.disturbances() + ", "
                + cluster.proxy().cuts() + " connections cut at a change, longest call " + history.longestCall());
        assertThat(history.counts()).containsKeys("appends acknowledged", "checks");
    }

    @Test
    void connectionLostDuringAStateChangeLosesNoChange() throws Exception {
        for (CuttingProxy.Moment moment : CuttingProxy.Moment.values()) {
            cluster.useLog("cut-" + moment);
            int before = cluster.proxy().cuts();
            try (Log log = cutting(moment, cluster::open)) {
                cutting(moment, () -> log.appendAll(WriterProcess.batch(1, 5)));
                cutting(moment, () -> {
                    log.truncate(3);
                    return null;
                });
                cutting(moment, () -> log.appendAll(WriterProcess.batch(10, 2)));
                cutting(moment, () -> {
                    log.trim(1);
                    return null;
                });
                cutting(moment, () -> {
                    log.reset(50);
                    return null;
                });
                assertThat(cutting(moment, () -> log.appendAll(WriterProcess.batch(20, 1))))
                        .isEqualTo(50);
            }
            // The first opening creates the node instead of changing it.
            assertThat(cluster.proxy().cuts() - before).isEqualTo(6);
            try (Log log = cutting(moment, cluster::open)) {
                assertThat(log.firstId()).hasValue(50);
                assertThat(log.nextId()).isEqualTo(51);
            }
        }
    }

    private interface Call<T> {
        T call() throws Exception;
    }

    private static <T> T cutting(CuttingProxy.Moment moment, Call<T> call) throws Exception {
        cluster.proxy().cutAt(moment);
        try {
            return call.call();
        } finally {
            cluster.proxy().disarm();
        }
    }

    @Test
    void appendsContinueOnTwoOfFourBookiesAndFailInTimeOnNone() throws Exception {
        cluster.useLog("few");
        Log log = BookKeeperLog.open(impatient("few"));
        log.appendAll(WriterProcess.batch(1, 10));
        cluster.kill(2);
        for (int i = 1; i <= 5; i++) {
            assertThat(log.appendAll(WriterProcess.batch(100 * i, 2))).isEqualTo(9 + 2 * i);
        }
        cluster.kill(BOOKIES);
        CompletableFuture<Long> hopeless = log.appendAllAsync(WriterProcess.batch(1000, 2));
        assertThat(hopeless)
                .failsWithin(ProcessCluster.BOUND)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfAny(LogFailedException.class, TooFewBookiesException.class);
        log.close();
        cluster.calm();
        try (Log reopened = cluster.open()) {
            assertThat(reopened.nextId()).isIn(21L, 23L); // the failed append is in the log or not
            assertThat(reopened.read(20)).isPresent();
        }
    }

    @Test
    void pausedWriterIsFencedAfterATakeover() throws Exception {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("paused: rerun with -Dholdfast.seed=" + seed);
        Random random = new Random(seed);
        cluster.useLog("paused");
        HistoryChecker checker = new HistoryChecker();
        try (Child writer = writer("paused")) {
            long number = 0;
            for (int round = 0; round < 5; round++) {
                writer.tell("open");
                writer.await("opened");
                List<HistoryChecker.Append> asked = new ArrayList<>();
                for (int i = random.nextInt(20); i >= 0; i--) {
                    asked.add(append(checker, writer, number, 1 + random.nextInt(4)));
                    number += 10;
                }
                for (int i = random.nextInt(asked.size() + 1); i > 0; i--) {
                    assertThat(hear(writer, asked.remove(0))).isTrue();
                }
                writer.stop();
                Log log = cluster.open();
                asked.add(append(checker, writer, number, 2));
                List<ByteBuffer> ours = WriterProcess.batch(number + 5, 2);
                checker.appending(ours).acknowledged(log.appendAll(ours));
                number += 10;
                writer.proceed();
                boolean last = true;
                for (HistoryChecker.Append each : asked) {
                    last = hear(writer, each);
                }
                assertThat(last)
                        .as("an append after the takeover was acknowledged")
                        .isFalse();
                assertThat(checker.check(log)).isEmpty();
                log.close();
            }
        }
    }

    @Test
    void stalledBookieDoesNotFillMemory() throws Exception {
        BookKeeperLogOptions options = BookKeeperLogOptions.builder(cluster.uri(), "hung")
                .maxBytesInFlight(8 << 20)
                .timeout(ProcessCluster.TIMEOUT)
                .build();
        long most = 0;
        int count = 1024;
        try (BookKeeperConnection connection = BookKeeperConnection.open(options);
                Log log = BookKeeperLog.open(connection, options)) {
            log.append(ByteBuffer.allocate(8));
            cluster.stopABookieOf("hung");
            Deque<CompletableFuture<Long>> inFlight = new ArrayDeque<>();
            for (int i = 0; i < count; i++) {
                inFlight.add(log.appendAsync(ByteBuffer.allocate(64 << 10)));
                if (inFlight.size() > 100) {
                    inFlight.remove().get();
                }
                most = Math.max(most, PooledByteBufAllocator.DEFAULT.pinnedDirectMemory());
            }
            for (CompletableFuture<Long> each : inFlight) {
                each.get();
            }
            assertThat(log.lastId()).hasValue(1L + count);
        }
        System.out.println(
                "stalled bookie: at most " + (most >> 20) + " MiB of " + (count * 64L >> 10) + " MiB kept for bookies");
        // 32 MiB: twice the limit on bytes in flight for the stalled bookie, and the bytes in flight for each of
        // the others, as the client counts them. Without a limit, everything sent would stay in memory.
        assertThat(most).isLessThan(48 << 20);
    }

    private static BookKeeperLogOptions impatient(String logName) {
        return BookKeeperLogOptions.builder(cluster.uri(), logName)
                .timeout(Duration.ofSeconds(8))
                .build();
    }

    private static Child writer(String logName) throws Exception {
        Child writer =
                Child.start(List.of(), WriterProcess.class, cluster.uri(), logName, ProcessCluster.TIMEOUT.toString());
        writer.await("ready");
        return writer;
    }

    private static HistoryChecker.Append append(HistoryChecker checker, Child writer, long first, int count) {
        HistoryChecker.Append append = checker.appending(WriterProcess.batch(first, count));
        writer.tell("append " + first + " " + count);
        return append;
    }

    /** Returns whether the append was acknowledged. */
    private static boolean hear(Child writer, HistoryChecker.Append append) throws Exception {
        return isAcknowledged(writer.word(), append);
    }

    private static boolean isAcknowledged(String answer, HistoryChecker.Append append) {
        if (!answer.startsWith("acknowledged ")) {
            return false;
        }
        append.acknowledged(Long.parseLong(answer.substring("acknowledged ".length())));
        return true;
    }

    @Test
    void threeWritersTakingOverFromEachOtherLoseNothing() throws Exception {
        cluster.useLog("storm");
        HistoryChecker checker = new HistoryChecker();
        AtomicLong numbers = new AtomicLong();
        Map<String, AtomicLong> answers = new ConcurrentSkipListMap<>();
        Ownership ownership = new Ownership();
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService drivers = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                running.add(drivers.submit(() -> {
                    try (Child writer = writer("storm")) {
                        for (int round = 0; round < 8; round++) {
                            Ownership.Opening opening = ownership.opening();
                            writer.tell("open");
                            if (!count(answers, writer.word()).equals("opened")) {
                                continue; // another writer was faster
                            }
                            opening.opened();
                            boolean owner = true;
                            for (int j = 0; j < 15 && owner; j++) {
                                boolean mustFail = opening.isReplaced();
                                HistoryChecker.Append append = append(checker, writer, numbers.addAndGet(10), 3);
                                String answer = count(answers, writer.word());
                                owner = isAcknowledged(answer, append);
                                assertThat(owner && mustFail).as("two owners").isFalse();
                            }
                        }
                    }
                    return null;
                }));
            }
            Future<Long> followed = drivers.submit(() -> follow(checker, over));
            for (Future<?> each : running) {
                each.get();
            }
            over.set(true);
            System.out.println("storm: " + answers + ", " + followed.get() + " records followed");
            assertThat(followed.get()).isPositive();
        } finally {
            over.set(true);
            drivers.shutdownNow();
        }
        try (Log log = cluster.open()) {
            assertThat(checker.check(log)).isEmpty();
        }
        assertThat(answers).containsKeys("opened", "acknowledged", "fenced");
        // Only the other writers can make a call of this writer fail here.
        assertThat(answers).doesNotContainKey("failed");
    }

    private static String count(Map<String, AtomicLong> answers, String answer) {
        answers.computeIfAbsent(answer.split(" ")[0], word -> new AtomicLong()).incrementAndGet();
        return answer;
    }

    /** Reads each record once while the writers take the log over from each other. Returns the number of records. */
    private static long follow(HistoryChecker checker, AtomicBoolean over) throws Exception {
        HistoryChecker.Reading reading = checker.reading();
        long last = 0;
        try (Log reader = openReadOnlyOnceItIsThere();
                LogCursor cursor = reader.cursor(1)) {
            boolean wasOver = false;
            while (true) {
                if (cursor.next(Duration.ofMillis(200))) {
                    reading.returned(cursor.record());
                    assertThat(cursor.id()).isEqualTo(++last);
                } else if (wasOver) {
                    return last;
                } else {
                    wasOver = over.get();
                }
            }
        }
    }

    private static Log openReadOnlyOnceItIsThere() throws IOException {
        while (true) {
            try {
                return cluster.openReadOnly();
            } catch (NoSuchFileException e) {
                Thread.onSpinWait(); // no writer has created the log yet
            }
        }
    }

    @Test
    void writerWithoutZooKeeperContinuesUntilATakeover() throws Exception {
        HistoryChecker checker = new HistoryChecker();
        BookKeeperLogOptions reachable = BookKeeperLogOptions.builder(cluster.directUri(), "cut-off")
                .timeout(ProcessCluster.TIMEOUT)
                .build();
        Log cutOff = BookKeeperLog.open(impatient("cut-off"));
        append(checker, cutOff, 1);
        cluster.proxy().cutOff();
        for (int i = 2; i <= 5; i++) {
            append(checker, cutOff, i);
        }
        try (Log owner = BookKeeperLog.open(reachable)) {
            append(checker, owner, 6);
            List<ByteBuffer> batch = WriterProcess.batch(70, 2);
            checker.appending(batch).refused();
            assertThat(cutOff.appendAllAsync(batch))
                    .failsWithin(ProcessCluster.BOUND)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOfAny(LogFailedException.class, LogFencedException.class);
            cluster.proxy().join();
            append(checker, owner, 8);
            cutOff.close();
            assertThat(checker.check(owner)).isEmpty();
        }
    }

    private static void append(HistoryChecker checker, Log log, long number) throws IOException {
        List<ByteBuffer> batch = WriterProcess.batch(10 * number, 2);
        HistoryChecker.Append append = checker.appending(batch);
        append.acknowledged(log.appendAll(batch));
    }

    @Test
    void idleOwnerIsFencedByRestartedBookies() throws Exception {
        cluster.useLog("idle");
        Log idle = cluster.open();
        idle.appendAll(WriterProcess.batch(1, 3));
        try (Log owner = cluster.open()) {
            owner.trim(3);
            cluster.kill(BOOKIES);
            cluster.calm();
            assertThatExceptionOfType(LogFencedException.class)
                    .isThrownBy(() -> idle.appendAll(WriterProcess.batch(10, 1)));
            assertThat(owner.lastId()).isEmpty();
        }
        idle.close();
    }

    /**
     * Determines which owners were certainly replaced: those whose opening ended before another opening began that has
     * ended too.
     */
    private static final class Ownership {
        private final AtomicLong clock = new AtomicLong();
        private final ConcurrentLinkedQueue<Opening> openings = new ConcurrentLinkedQueue<>();

        Opening opening() {
            return new Opening();
        }

        final class Opening {
            private final long begun = clock.incrementAndGet();
            private volatile long done;

            void opened() {
                done = clock.incrementAndGet();
                openings.add(this);
            }

            boolean isReplaced() {
                return openings.stream().anyMatch(other -> other.begun > done);
            }
        }
    }

    @Test
    void closingAReplacedOwnersHandleHarmsNobody() throws Exception {
        cluster.useLog("replaced");
        Log first = cluster.open();
        first.appendAll(WriterProcess.batch(1, 3));
        try (Log second = cluster.open()) {
            second.appendAll(WriterProcess.batch(10, 3));
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> first.trim(2));
            first.close();
            second.appendAll(WriterProcess.batch(20, 3));
            assertThat(second.firstId()).hasValue(1);
            assertThat(second.nextId()).isEqualTo(10);
        }
    }
}
