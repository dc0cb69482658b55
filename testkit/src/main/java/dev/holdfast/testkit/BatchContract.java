package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertEmpty;
import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Contract tests of batches: an append of several records either appends all of them or leaves no trace. */
public interface BatchContract extends LogFixture {
    @Test
    default void everyBatchMethodAppendsAllRecords() throws Exception {
        inLog(
                log -> {
                    log.append(record(1), record(2), record(3));
                    log.append(records(4, 6));
                    assertThat(log.appendAll(buffers(7, 9))).isEqualTo(7);
                    log.appendAsync(records(10, 12)).get();
                    assertThat(log.appendAllAsync(buffers(13, 15)).get()).isEqualTo(13);
                    assertHolds(log, 1, 15);
                },
                log -> assertHolds(log, 1, 15));
    }

    @Test
    default void batchMayHaveOneRecord() throws Exception {
        inLog(log -> {
            log.append(records(1, 1));
            assertThat(log.appendAll(buffers(2, 2))).isEqualTo(2);
            assertHolds(log, 1, 2);
        });
    }

    @Test
    default void listsMayChangeOnceAppendHasReturned() throws Exception {
        inLog(log -> {
            List<LogRecord> explicit = new ArrayList<>(records(1, 3));
            List<ByteBuffer> assigned = new ArrayList<>(buffers(4, 6));
            log.append(explicit);
            log.appendAll(assigned);
            explicit.clear();
            assigned.clear();
            assertHolds(log, 1, 6);
        });
    }

    @Test
    default void batchOfManyRecordsIsAppended() throws Exception {
        inLog(
                log -> {
                    log.append(records(1, 5000));
                    log.appendAll(buffers(5001, 10000));
                    log.append(record(10001));
                    assertHolds(log, 1, 10001);
                },
                log -> assertHolds(log, 1, 10001));
    }

    @Test
    default void batchOfLargeRecordsIsAppended() throws Exception {
        List<ByteBuffer> large = Collections.nCopies(5, ByteBuffer.allocate(LogRecord.MAX_DATA_BYTES));
        inLog(
                log -> {
                    assertThat(log.appendAll(large)).isEqualTo(1);
                    assertHolds(log, Samples.numbered(1, large));
                },
                log -> assertHolds(log, Samples.numbered(1, large)));
    }

    // empty batches

    @Test
    default void emptyBatchDoesNotChangeANewLog() throws Exception {
        inLog(
                log -> {
                    appendEmptyBatches(log, 1);
                    assertEmpty(log, 1);
                },
                log -> assertEmpty(log, 1));
    }

    @Test
    default void emptyBatchDoesNotChangeALogWithRecords() throws Exception {
        inLog(
                log -> {
                    log.append(records(7, 9));
                    appendEmptyBatches(log, 10);
                    assertHolds(log, 7, 9);
                },
                log -> {
                    appendEmptyBatches(log, 10);
                    assertHolds(log, 7, 9);
                });
    }

    private static void appendEmptyBatches(Log log, long nextId) throws Exception {
        long appended = log.stats().appendedRecords();
        long groups = log.stats().groups();
        assertThatIllegalArgumentException().isThrownBy(log::append).withMessageContaining("without a record");
        log.append(List.of());
        assertThat(log.appendAll(List.of())).isEqualTo(nextId);
        log.appendAsync(List.of()).get();
        assertThat(log.appendAllAsync(List.of()).get()).isEqualTo(nextId);
        assertThat(log.stats().appendedRecords()).isEqualTo(appended);
        assertThat(log.stats().groups()).isEqualTo(groups);
    }

    // refused batches

    @Test
    default void batchWithIdsOutOfOrderLeavesNoTrace() throws Exception {
        inLog(
                log -> {
                    log.append(records(1, 10));
                    assertRefused(log, 10, 11);
                    assertRefused(log, 12, 13);
                    assertRefused(log, 11, 13);
                    assertRefused(log, 11, 11);
                    assertRefused(log, 11, 10);
                    assertRefused(log, 11, 12, 13, 15);
                    assertHolds(log, 1, 10);
                    log.append(records(11, 12));
                },
                log -> assertHolds(log, 1, 12));
    }

    @Test
    default void batchWithIdsOutOfOrderLeavesNoTraceInANewLog() throws Exception {
        inLog(
                log -> {
                    assertRefused(log, 5, 7);
                    assertRefused(log, 5, 4);
                    assertRefused(log, 0, 0);
                    assertRefused(log, Long.MAX_VALUE - 1, Long.MAX_VALUE);
                    assertRefused(log, Long.MAX_VALUE, 0);
                    assertEmpty(log, 1);
                    log.append(records(5, 6));
                },
                log -> assertHolds(log, 5, 6));
    }

    private static void assertRefused(Log log, long... ids) {
        List<LogRecord> batch = Arrays.stream(ids).mapToObj(Samples::record).toList();
        assertThatIllegalArgumentException().isThrownBy(() -> log.append(batch));
        assertThatIllegalArgumentException().isThrownBy(() -> log.append(batch.toArray(new LogRecord[0])));
        assertThatIllegalArgumentException().isThrownBy(() -> log.appendAsync(batch));
    }

    @Test
    default void assignedBatchBeyondTheLargestIdLeavesNoTrace() throws Exception {
        inLog(log -> {
            long last = Samples.MAX_ID;
            log.append(record(last - 2));
            assertThatIllegalArgumentException().isThrownBy(() -> log.appendAll(buffers(1, 3)));
            assertThatIllegalArgumentException().isThrownBy(() -> log.appendAllAsync(buffers(1, 3)));
            assertThat(log.appendAll(buffers(last - 1, last))).isEqualTo(last - 1);
            assertHolds(log, last - 2, last);
        });
    }

    @Test
    default void batchAboveOneGibibyteIsRefusedBeforeItIsCopied() throws Exception {
        ByteBuffer largest = ByteBuffer.allocate(LogRecord.MAX_DATA_BYTES);
        // The batch exceeds the limit because each record also counts 8 bytes for its length.
        int count = Math.toIntExact(Log.MAX_BATCH_BYTES / LogRecord.MAX_DATA_BYTES);
        List<ByteBuffer> assigned = Collections.nCopies(count, largest);
        List<LogRecord> explicit = new ArrayList<>();
        for (long id = 1; id <= count; id++) {
            explicit.add(LogRecord.wrap(id, largest));
        }
        inLog(
                log -> {
                    assertAboveOneGibibyte(() -> log.appendAll(assigned));
                    assertAboveOneGibibyte(() -> log.appendAllAsync(assigned));
                    assertAboveOneGibibyte(() -> log.append(explicit));
                    assertAboveOneGibibyte(() -> log.appendAsync(explicit));
                    assertEmpty(log, 1);
                    log.append(record(1));
                },
                log -> assertHolds(log, 1, 1));
    }

    private static void assertAboveOneGibibyte(ThrowingCallable append) {
        assertThatIllegalArgumentException()
                .isThrownBy(append)
                .withMessageContaining(Long.toString(Log.MAX_BATCH_BYTES));
    }

    // null

    @Test
    @SuppressWarnings("NullAway") // tests callers that do not use NullAway
    default void nullChangesNothing() throws Exception {
        inLog(
                log -> {
                    log.append(record(1));
                    List<LogRecord> explicit = Arrays.asList(record(2), null, record(4));
                    List<ByteBuffer> assigned = Arrays.asList(buffer(2), null, buffer(4));
                    assertThatNullPointerException().isThrownBy(() -> log.append((byte[]) null));
                    assertThatNullPointerException().isThrownBy(() -> log.append((ByteBuffer) null));
                    assertThatNullPointerException().isThrownBy(() -> log.append((LogRecord[]) null));
                    assertThatNullPointerException().isThrownBy(() -> log.append((List<LogRecord>) null));
                    assertThatNullPointerException().isThrownBy(() -> log.append(explicit));
                    assertThatNullPointerException().isThrownBy(() -> log.append(record(2), null));
                    assertThatNullPointerException().isThrownBy(() -> log.appendAll(null));
                    assertThatNullPointerException().isThrownBy(() -> log.appendAll(assigned));
                    assertThatNullPointerException().isThrownBy(() -> log.appendAsync((ByteBuffer) null));
                    assertThatNullPointerException().isThrownBy(() -> log.appendAsync((List<LogRecord>) null));
                    assertThatNullPointerException().isThrownBy(() -> log.appendAsync(explicit));
                    assertThatNullPointerException().isThrownBy(() -> log.appendAllAsync(null));
                    assertThatNullPointerException().isThrownBy(() -> log.appendAllAsync(assigned));
                    assertThatNullPointerException()
                            .isThrownBy(() -> log.cursor(0).next((Duration) null));
                    assertHolds(log, 1, 1);
                    log.append(record(2));
                },
                log -> assertHolds(log, 1, 2));
    }
}
