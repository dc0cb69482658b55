package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertEmpty;
import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.LogAssertions.assertStartsAt;
import static dev.holdfast.testkit.LogAssertions.assertTakesOnly;
import static dev.holdfast.testkit.Samples.MAX_ID;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.bytes;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordTooLargeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Contract tests of single-record appends: {@link Log#read} and the log's ids must match the appended records. */
public interface AppendContract extends LogFixture {
    @Test
    default void newLogIsEmptyAndItsNextIdIsOne() throws Exception {
        inLog(log -> assertEmpty(log, 1), log -> assertEmpty(log, 1));
    }

    // append with explicit ids

    @Test
    default void explicitRecordsAreRead() throws Exception {
        inLog(
                log -> {
                    log.append(record(1));
                    log.append(record(2));
                    assertHolds(log, 1, 2);
                },
                log -> {
                    log.append(record(3));
                    assertHolds(log, 1, 3);
                },
                log -> assertHolds(log, 1, 3));
    }

    @Test
    default void firstExplicitIdMayBeZero() throws Exception {
        inLog(log -> assertStartsAt(log, 0), log -> assertHolds(log, 0, 2));
    }

    @Test
    default void firstExplicitIdMayBeTheNextId() throws Exception {
        inLog(log -> {}, log -> assertStartsAt(log, 1), log -> assertHolds(log, 1, 3));
    }

    @Test
    default void firstExplicitIdMayBeFarAway() throws Exception {
        inLog(log -> assertStartsAt(log, 1L << 40), log -> assertHolds(log, 1L << 40, (1L << 40) + 2));
    }

    @Test
    default void idOutOfOrderLeavesNoTrace() throws Exception {
        inLog(
                log -> {
                    log.append(records(1, 10));
                    assertTakesOnly(log, 11);
                },
                log -> assertHolds(log, 1, 11));
    }

    @Test
    default void noAppendIsPossibleAfterTheLargestId() throws Exception {
        inLog(
                log -> {
                    log.append(record(MAX_ID - 1));
                    assertThatIllegalArgumentException().isThrownBy(() -> log.append(record(Long.MAX_VALUE)));
                    log.append(record(MAX_ID));
                    assertRefusesEveryAppend(log);
                },
                log -> {
                    assertHolds(log, MAX_ID - 1, MAX_ID);
                    assertRefusesEveryAppend(log);
                });
    }

    private static void assertRefusesEveryAppend(Log log) {
        assertThatIllegalArgumentException().isThrownBy(() -> log.append(record(Long.MAX_VALUE)));
        assertThatIllegalArgumentException().isThrownBy(() -> log.append(record(0)));
        assertThatIllegalArgumentException().isThrownBy(() -> log.append(bytes(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> log.appendAsync(buffer(1)));
        assertThat(log.nextId()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    default void emptyLogRefusesAnIdAboveTheLargest() throws Exception {
        inLog(log -> {
            assertThatIllegalArgumentException().isThrownBy(() -> log.append(record(Long.MAX_VALUE)));
            assertThatIllegalArgumentException().isThrownBy(() -> log.append(record(MAX_ID), record(Long.MAX_VALUE)));
            assertEmpty(log, 1);
        });
    }

    // append with assigned ids

    @Test
    default void assignedIdIsTheNextId() throws Exception {
        inLog(
                log -> {
                    assertThat(log.append(bytes(1))).isEqualTo(1);
                    assertThat(log.append(buffer(2))).isEqualTo(2);
                    assertHolds(log, 1, 2);
                },
                log -> {
                    assertThat(log.append(bytes(3))).isEqualTo(3);
                    assertHolds(log, 1, 3);
                });
    }

    @Test
    default void assignedIdsFollowExplicitOnes() throws Exception {
        inLog(
                log -> log.append(record(100)),
                log -> {
                    assertThat(log.append(bytes(101))).isEqualTo(101);
                    log.append(record(102));
                    assertThat(log.append(buffer(103))).isEqualTo(103);
                    assertHolds(log, 100, 103);
                },
                log -> assertHolds(log, 100, 103));
    }

    // data of the records

    @Test
    default void everyKindOfBufferIsReadFromPositionToLimitAndNotChanged() throws Exception {
        List<ByteBuffer> buffers = List.of(
                inTheMiddle(ByteBuffer.allocate(100)),
                inTheMiddle(ByteBuffer.allocate(100).order(ByteOrder.LITTLE_ENDIAN)),
                inTheMiddle(ByteBuffer.allocateDirect(100)),
                inTheMiddle(ByteBuffer.allocate(200).position(50).slice()),
                inTheMiddle(ByteBuffer.allocateDirect(200).position(50).slice()),
                inTheMiddle(ByteBuffer.allocate(100)).asReadOnlyBuffer(),
                inTheMiddle(ByteBuffer.allocateDirect(100)).asReadOnlyBuffer());
        inLog(
                log -> {
                    for (ByteBuffer buffer : buffers) {
                        ByteOrder order = buffer.order();
                        log.append(buffer);
                        log.appendAll(List.of(buffer));
                        log.append(LogRecord.wrap(log.nextId(), buffer));
                        assertThat(buffer.position()).isEqualTo(20);
                        assertThat(buffer.limit()).isEqualTo(24);
                        assertThat(buffer.order()).isEqualTo(order);
                    }
                    assertHoldOnly(log, new byte[] {1, 2, 3, 4}, 3 * buffers.size());
                },
                log -> assertHoldOnly(log, new byte[] {1, 2, 3, 4}, 3 * buffers.size()));
    }

    private static ByteBuffer inTheMiddle(ByteBuffer buffer) {
        buffer.position(20).put(new byte[] {1, 2, 3, 4, 5}); // the byte 5 is beyond the limit
        return buffer.position(20).limit(24);
    }

    private static void assertHoldOnly(Log log, byte[] data, int count) throws Exception {
        List<LogRecord> expected = new ArrayList<>();
        for (long id = 1; id <= count; id++) {
            expected.add(LogRecord.of(id, data));
        }
        assertHolds(log, expected);
    }

    @Test
    default void bytesMayChangeOnceAppendHasReturned() throws Exception {
        inLog(
                log -> {
                    byte[] array = {7};
                    ByteBuffer direct = ByteBuffer.allocateDirect(1).put(0, (byte) 7);
                    log.append(array);
                    log.append(ByteBuffer.wrap(array));
                    log.append(direct);
                    log.append(LogRecord.wrap(4, ByteBuffer.wrap(array)));
                    log.appendAll(List.of(ByteBuffer.wrap(array), direct));
                    array[0] = 8;
                    direct.put(0, (byte) 8);
                    assertHoldOnly(log, new byte[] {7}, 6);
                },
                log -> assertHoldOnly(log, new byte[] {7}, 6));
    }

    @Test
    default void emptyRecordCanBeAppended() throws Exception {
        inLog(
                log -> {
                    log.append(new byte[0]);
                    log.append(ByteBuffer.allocate(0));
                    log.append(LogRecord.of(3, new byte[0]));
                    assertHoldOnly(log, new byte[0], 3);
                },
                log -> assertHoldOnly(log, new byte[0], 3));
    }

    @Test
    default void recordsOfEverySizeAreRead() throws Exception {
        Random random = Samples.random("recordsOfEverySizeAreRead");
        List<ByteBuffer> data = new ArrayList<>();
        for (int size = 1; size < LogRecord.MAX_DATA_BYTES; size += 1 + random.nextInt(1 + size / 4)) {
            data.add(ByteBuffer.wrap(Samples.randomBytes(random, size)));
        }
        inLog(
                log -> {
                    for (ByteBuffer each : data) {
                        log.append(each);
                    }
                    assertHolds(log, Samples.numbered(1, data));
                },
                log -> assertHolds(log, Samples.numbered(1, data)));
    }

    // size limits

    @Test
    default void everyAppendMethodAcceptsTheLargestRecord() throws Exception {
        byte[] largest = Samples.randomBytes(new Random(1), LogRecord.MAX_DATA_BYTES);
        inLog(
                log -> {
                    log.append(largest);
                    log.append(ByteBuffer.wrap(largest));
                    log.append(LogRecord.of(3, largest));
                    log.appendAsync(ByteBuffer.wrap(largest)).get();
                    assertHoldOnly(log, largest, 4);
                },
                log -> assertHoldOnly(log, largest, 4));
    }

    @Test
    default void everyAppendMethodRefusesARecordAboveTheLimit() throws Exception {
        ByteBuffer large = ByteBuffer.allocate(LogRecord.MAX_DATA_BYTES + 1);
        inLog(
                log -> {
                    log.append(record(1));
                    assertTooLarge(() -> log.append(large.array()));
                    assertTooLarge(() -> log.append(large));
                    assertTooLarge(() -> log.append(LogRecord.wrap(2, large)));
                    assertTooLarge(() -> log.append(List.of(record(2), LogRecord.wrap(3, large), record(4))));
                    assertTooLarge(() -> log.appendAll(List.of(buffer(2), large, buffer(4))));
                    assertTooLarge(() -> log.appendAsync(large));
                    assertTooLarge(() -> log.appendAsync(List.of(record(2), LogRecord.wrap(3, large))));
                    assertTooLarge(() -> log.appendAllAsync(List.of(buffer(2), large)));
                    assertThat(large.position()).isZero();
                    assertHolds(log, 1, 1);
                    log.append(record(2));
                },
                log -> assertHolds(log, 1, 2));
    }

    private static void assertTooLarge(ThrowingCallable append) {
        assertThatExceptionOfType(RecordTooLargeException.class)
                .isThrownBy(append)
                .withMessageContaining(Integer.toString(LogRecord.MAX_DATA_BYTES + 1))
                .withMessageContaining(Integer.toString(LogRecord.MAX_DATA_BYTES));
    }

    // read

    @Test
    default void readOfAMissingIdIsEmpty() throws Exception {
        inLog(log -> {
            assertThat(log.read(1)).isEmpty();
            log.append(record(5), record(6));
            for (long id : new long[] {0, 4, 7, MAX_ID, Long.MAX_VALUE}) {
                assertThat(log.read(id)).isEmpty();
            }
        });
    }

    @Test
    default void readReturnsACopyThatOutlivesTheLog() throws Exception {
        List<LogRecord> read = new ArrayList<>();
        inLog(log -> {
            log.append(record(1));
            read.add(log.read(1).orElseThrow());
            log.append(record(2));
            read.add(log.read(2).orElseThrow());
            assertThatExceptionOfType(ReadOnlyBufferException.class)
                    .isThrownBy(() -> read.get(1).data().put(0, (byte) 0));
        });
        assertThat(read).isEqualTo(records(1, 2));
    }

    @Test
    default void negativeIdIsRefusedByReaders() throws Exception {
        inLog(log -> {
            assertThatIllegalArgumentException().isThrownBy(() -> log.read(-1)).withMessageContaining("-1");
            assertThatIllegalArgumentException().isThrownBy(() -> log.read(Long.MIN_VALUE));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> log.cursor(-1))
                    .withMessageContaining("-1");
            assertThatIllegalArgumentException().isThrownBy(() -> log.cursor(Long.MIN_VALUE));
        });
    }
}
