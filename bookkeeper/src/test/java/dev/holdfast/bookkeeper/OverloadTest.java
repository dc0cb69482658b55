package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.assertHolds;
import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.bookkeeper.conf.ClientConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More appends than bookies take, and clients that take their time. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OverloadTest {
    private final FakeWorld world = new FakeWorld();

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void callersOfManySmallRecordsAreHeldBackInsteadOfFailingTheHandle() throws Exception {
        int count = 8000; // which take twice the timeout, and are a thousandth of the bytes that may be in flight
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
    void batchThatIsLargerThanTheWindowIsNotKeptOutBySmallOnes() throws Exception {
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
    void clientThatBlocksForLongerThanTheTimeoutIsLeftInTime() throws Exception {
        Log log = world.open();
        world.ledgers.throttle(Duration.ofMillis(200));
        CompletableFuture<Long> batch = log.appendAllAsync(records(1, 200));
        assertThat(batch)
                .failsWithin(FakeWorld.TIMEOUT.multipliedBy(2))
                .withThrowableOfType(ExecutionException.class)
                .withCauseInstanceOf(LogFailedException.class);
        log.close();
    }

    @Test
    void clientOfBookKeeperDoesNotThrottleItself() {
        BookKeeperLogOptions options = BookKeeperLogOptions.builder("zk+hierarchical://nowhere/ledgers", "log")
                .client(settings -> settings.setThrottleValue(100))
                .build();
        ClientConfiguration configuration = BookKeeperConnection.configuration(options);
        assertThat(configuration.getThrottleValue()).isZero();
    }

    @Test
    void windowGrowsByDoublingAndShrinksToWhatBookiesTakeInAnEighthOfTheTimeout() {
        Admission admission = new Admission(Long.MAX_VALUE, Duration.ofSeconds(8));
        long second = Duration.ofSeconds(1).toNanos();
        assertRoom(admission, Admission.LEAST_RECORDS);
        admission.acknowledged(1000, second / 100);
        assertRoom(admission, 2000);
        admission.acknowledged(4000, second / 100);
        assertRoom(admission, 8000);
        admission.acknowledged(4000, 2 * second); // 2,000 in each second
        assertRoom(admission, 2000);
        admission.acknowledged(1, 1); // from one record nothing follows for many
        assertRoom(admission, Admission.LEAST_RECORDS);
        admission.acknowledged(4000, 1000 * second); // and bookies that seem to do nothing at all are still asked
        assertRoom(admission, Admission.LEAST_RECORDS);
    }

    @Test
    void batchThatIsLargerThanAllLimitsComesInAlone() {
        Admission admission = new Admission(100, Duration.ofSeconds(8));
        assertThat(admission.hasRoom(1000, 1_000_000)).isTrue();
        admission.add(1000, 1_000_000);
        assertThat(admission.hasRoom(1, 1)).isFalse();
        admission.remove(1000, 1_000_000);
        assertThat(admission.hasRoom(100, 1)).isTrue();
        admission.add(100, 1);
        assertThat(admission.hasRoom(1, 1)).isFalse();
    }

    /** There is room for so many records, beside the one that must be there for the limit to hold. */
    private static void assertRoom(Admission admission, long records) {
        admission.add(1, 1);
        assertThat(admission.hasRoom(records - 1, records - 1)).isTrue();
        assertThat(admission.hasRoom(records, records)).isFalse();
        admission.remove(1, 1);
    }
}
