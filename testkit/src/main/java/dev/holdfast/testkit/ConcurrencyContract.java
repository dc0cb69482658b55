package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.shownFrom;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Contract tests with many threads: every acknowledgement that one thread receives holds for all threads. */
public interface ConcurrencyContract extends LogFixture {
    /** Returns the data of a writer's {@code number}th record. */
    private static ByteBuffer stamp(int writer, int number) {
        return ByteBuffer.allocate(8).putInt(writer).putInt(number).flip();
    }

    /**
     * Appends from several threads at once, in batches of {@code batch} records. Returns the acknowledged records by
     * id.
     */
    private static Map<Long, ByteBuffer> appendFromThreads(Log log, int writers, int batches, int batch)
            throws Exception {
        Map<Long, ByteBuffer> acknowledged = new ConcurrentHashMap<>();
        List<Running> threads = new ArrayList<>();
        for (int i = 0; i < writers; i++) {
            int writer = i;
            threads.add(Running.start(() -> appendBatches(log, writer, batches, batch, acknowledged)));
        }
        for (Running thread : threads) {
            thread.join();
        }
        return acknowledged;
    }

    private static void appendBatches(Log log, int writer, int batches, int batch, Map<Long, ByteBuffer> acknowledged)
            throws Exception {
        for (int i = 0; i < batches; i++) {
            List<ByteBuffer> data = new ArrayList<>();
            for (int j = 0; j < batch; j++) {
                data.add(stamp(writer, i * batch + j));
            }
            long firstId = batch == 1 ? log.append(data.get(0)) : log.appendAll(data);
            for (int j = 0; j < batch; j++) {
                assertThat(acknowledged.put(firstId + j, data.get(j)))
                        .as("id " + (firstId + j) + " was acknowledged twice")
                        .isNull();
            }
            assertThat(log.read(firstId)).contains(LogRecord.of(firstId, data.get(0)));
            assertThat(log.lastId().orElseThrow()).isGreaterThanOrEqualTo(firstId + batch - 1);
        }
    }

    private static void assertHoldsExactly(Log log, Map<Long, ByteBuffer> acknowledged) throws IOException {
        List<LogRecord> expected = new ArrayList<>();
        for (long id = 1; id <= acknowledged.size(); id++) {
            expected.add(
                    LogRecord.of(id, requireNonNull(acknowledged.get(id), "no record was acknowledged at id " + id)));
        }
        LogAssertions.assertHolds(log, expected);
        assertWritersAreInOrder(expected);
    }

    private static void assertWritersAreInOrder(List<LogRecord> records) {
        Map<Integer, Integer> nextNumbers = new HashMap<>();
        for (LogRecord record : records) {
            ByteBuffer data = record.data();
            int writer = data.getInt();
            int number = data.getInt();
            assertThat(number)
                    .as("next record number of writer " + writer)
                    .isEqualTo(nextNumbers.getOrDefault(writer, 0));
            nextNumbers.put(writer, number + 1);
        }
    }

    @Test
    default void appendsFromManyThreadsGetConsecutiveIds() throws Exception {
        Map<Long, ByteBuffer> acknowledged = new HashMap<>();
        inLog(
                log -> {
                    acknowledged.putAll(appendFromThreads(log, 8, 100, 1));
                    assertThat(acknowledged).hasSize(800);
                    assertHoldsExactly(log, acknowledged);
                },
                log -> assertHoldsExactly(log, acknowledged));
    }

    @Test
    default void batchesFromManyThreadsStayTogether() throws Exception {
        Map<Long, ByteBuffer> acknowledged = new HashMap<>();
        inLog(
                log -> {
                    acknowledged.putAll(appendFromThreads(log, 6, 50, 4));
                    assertThat(acknowledged).hasSize(1200);
                    assertHoldsExactly(log, acknowledged);
                },
                log -> assertHoldsExactly(log, acknowledged));
    }

    @Test
    default void asynchronousAppendsFromManyThreadsGetConsecutiveIds() throws Exception {
        Map<Long, ByteBuffer> acknowledged = new ConcurrentHashMap<>();
        inLog(
                log -> {
                    List<Running> threads = new ArrayList<>();
                    for (int i = 0; i < 6; i++) {
                        int writer = i;
                        threads.add(Running.start(() -> appendAsync(log, writer, acknowledged)));
                    }
                    for (Running thread : threads) {
                        thread.join();
                    }
                    assertHoldsExactly(log, acknowledged);
                },
                log -> assertHoldsExactly(log, acknowledged));
    }

    private static void appendAsync(Log log, int writer, Map<Long, ByteBuffer> acknowledged) throws Exception {
        List<CompletableFuture<?>> futures = new ArrayList<>();
        for (int number = 0; number < 200; number++) {
            ByteBuffer data = stamp(writer, number);
            futures.add(log.appendAsync(data).thenAccept(id -> acknowledged.put(id, data)));
        }
        for (CompletableFuture<?> future : futures) {
            future.get();
        }
    }

    @Test
    default void onlyOneOfSeveralExplicitAppendsOfAnIdSucceeds() throws Exception {
        AtomicBoolean[] taken = new AtomicBoolean[101];
        for (int id = 1; id <= 100; id++) {
            taken[id] = new AtomicBoolean();
        }
        inLog(
                log -> {
                    List<Running> threads = new ArrayList<>();
                    for (int i = 0; i < 4; i++) {
                        threads.add(Running.start(() -> appendNextIds(log, taken)));
                    }
                    for (Running thread : threads) {
                        thread.join();
                    }
                    LogAssertions.assertHolds(log, 1, 100);
                },
                log -> LogAssertions.assertHolds(log, 1, 100));
    }

    private static void appendNextIds(Log log, AtomicBoolean[] taken) throws IOException {
        for (long id = log.nextId(); id <= 100; id = log.nextId()) {
            try {
                log.append(Samples.record(id));
            } catch (IllegalArgumentException e) {
                continue; // another thread appended this id first
            }
            assertThat(taken[(int) id].getAndSet(true))
                    .as("id " + id + " was accepted twice")
                    .isFalse();
        }
    }

    // readers

    @Test
    default void readersSeeEveryRecordOnceInOrderDuringAppends() throws Exception {
        inLog(log -> {
            List<List<LogRecord>> seen = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            List<Running> readers = new ArrayList<>();
            for (List<LogRecord> each : seen) {
                readers.add(Running.start(() -> follow(log, 600, each)));
            }
            Map<Long, ByteBuffer> acknowledged = appendFromThreads(log, 4, 50, 3);
            for (Running reader : readers) {
                reader.join();
            }
            assertHoldsExactly(log, acknowledged);
            List<LogRecord> all = shownFrom(log, 1);
            assertThat(seen).allSatisfy(each -> assertThat(each).isEqualTo(all));
        });
    }

    private static void follow(Log log, int count, List<LogRecord> seen) throws Exception {
        try (LogCursor cursor = log.cursor(0)) {
            while (seen.size() < count && cursor.next(Waiter.LONG)) {
                assertThat(log.lastId().orElseThrow()).isGreaterThanOrEqualTo(cursor.id());
                seen.add(cursor.record());
            }
        }
    }

    @Test
    default void recordAtLastIdIsReadable() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        inLog(log -> {
            Running reader = Running.start(() -> {
                while (!done.get()) {
                    OptionalLong last = log.lastId();
                    if (last.isPresent()) {
                        assertThat(log.read(last.getAsLong())).isPresent();
                        assertThat(log.nextId()).isGreaterThan(last.getAsLong());
                    }
                }
            });
            appendFromThreads(log, 4, 100, 2);
            done.set(true);
            reader.join();
        });
    }

    // closing

    @Test
    default void closeDuringAppendsKeepsAllAcknowledgedRecords() throws Exception {
        Map<Long, ByteBuffer> acknowledged = new ConcurrentHashMap<>();
        inLog(log -> {
            List<Running> threads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int writer = i;
                threads.add(Running.start(() -> assertThatIllegalStateException()
                        .isThrownBy(() -> appendBatches(log, writer, Integer.MAX_VALUE, 1, acknowledged))));
            }
            try (LogCursor cursor = log.cursor(100)) {
                assertThat(cursor.next(Waiter.LONG)).isTrue();
            }
            log.close();
            for (Running thread : threads) {
                thread.join();
            }
        });
        assumeTrue(persistent(), "this log does not keep records after a close");
        inLog(log -> {
            List<LogRecord> all = shownFrom(log, 0);
            assertWritersAreInOrder(all);
            assertThat(all).hasSameSizeAs(acknowledged.keySet());
            acknowledged.forEach(
                    (id, data) -> assertThat(all.get((int) (id - 1))).isEqualTo(LogRecord.of(id, data)));
        });
    }

    // virtual threads

    @Test
    default void manyVirtualThreadsCanAppendAndWait() throws Exception {
        assumeTrue(Running.virtualThreads().isPresent(), "this JDK has no virtual threads");
        Method virtualThreads = Running.virtualThreads().orElseThrow();
        inLog(log -> {
            List<Running> threads = new ArrayList<>();
            for (int i = 0; i < 200; i++) { // many more threads than processors
                threads.add(Running.startVirtual(virtualThreads, () -> follow(log, 200, new ArrayList<>())));
            }
            Map<Long, ByteBuffer> acknowledged = new ConcurrentHashMap<>();
            for (int i = 0; i < 200; i++) {
                int writer = i;
                threads.add(Running.startVirtual(virtualThreads, () -> appendBatches(log, writer, 1, 1, acknowledged)));
            }
            for (Running thread : threads) {
                thread.join();
            }
            assertHoldsExactly(log, acknowledged);
        });
    }
}
