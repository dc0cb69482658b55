package dev.holdfast.testkit;

import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/**
 * Contract tests of range reads: where a range begins and ends, and which records it contains during concurrent
 * removals.
 */
public interface RangeReadContract extends LogFixture {
    /** Number of times that a writer appends and removes records while another thread reads. */
    byte GENERATIONS = 30;

    /** Returns the number of data bytes in the sample records {@code firstId} to {@code lastId}. */
    private static long bytesOf(long firstId, long lastId) {
        return records(firstId, lastId).stream().mapToLong(LogRecord::size).sum();
    }

    @Test
    default void rangeHoldsConsecutiveRecordsFromItsFirstId() throws Exception {
        inLog(
                log -> {
                    log.append(records(1, 200));
                    assertThat(log.read(1, 1000, Long.MAX_VALUE)).isEqualTo(records(1, 200));
                    assertThat(log.read(57, Integer.MAX_VALUE, Long.MAX_VALUE)).isEqualTo(records(57, 200));
                },
                log -> {
                    if (persistent()) {
                        assertThat(log.read(57, 1000, Long.MAX_VALUE)).isEqualTo(records(57, 200));
                    }
                });
    }

    @Test
    default void rangeEndsAtTheRecordLimit() throws Exception {
        inLog(log -> {
            log.append(records(1, 50));
            assertThat(log.read(10, 1, Long.MAX_VALUE)).isEqualTo(records(10, 10));
            assertThat(log.read(10, 7, Long.MAX_VALUE)).isEqualTo(records(10, 16));
            assertThat(log.read(49, 7, Long.MAX_VALUE)).isEqualTo(records(49, 50));
        });
    }

    @Test
    default void rangeEndsBeforeARecordThatExceedsTheByteLimit() throws Exception {
        inLog(log -> {
            log.append(records(1, 50));
            long exact = bytesOf(10, 16);
            assertThat(log.read(10, 1000, exact)).isEqualTo(records(10, 16));
            assertThat(log.read(10, 1000, exact - 1)).isEqualTo(records(10, 15));
            assertThat(log.read(10, 1000, exact + 1)).isEqualTo(records(10, 16));
        });
    }

    @Test
    default void firstRecordIsReturnedEvenIfItExceedsTheByteLimit() throws Exception {
        inLog(log -> {
            log.append(records(1, 50));
            assertThat(log.read(20, 1000, 1)).isEqualTo(records(20, 20));
        });
    }

    @Test
    default void emptyRecordsCountAsRecordsAndNotAsBytes() throws Exception {
        inLog(log -> {
            for (int i = 0; i < 5; i++) {
                log.append(new byte[0]);
            }
            assertThat(log.read(1, 1000, 1)).hasSize(5);
            assertThat(log.read(1, 3, 1)).hasSize(3);
        });
    }

    @Test
    default void rangeBeyondTheNewestRecordIsEmpty() throws Exception {
        inLog(log -> {
            assertThat(log.read(0, 10, 1000)).isEmpty();
            assertThat(log.read(1, 10, 1000)).isEmpty();
            log.append(records(1, 5));
            assertThat(log.read(6, 10, 1000)).isEmpty();
            assertThat(log.read(Long.MAX_VALUE - 1, 10, 1000)).isEmpty();
        });
    }

    @Test
    default void rangeBelowTheOldestRecordReportsTheRemovedRecords() throws Exception {
        inLog(log -> {
            log.append(records(1, 10));
            log.trim(4);
            for (long id = 0; id <= 4; id++) {
                long from = id;
                RecordsRemovedException e =
                        catchThrowableOfType(RecordsRemovedException.class, () -> log.read(from, 10, 1000));
                assertThat(e).isNotNull().hasMessageContaining("record " + id).hasMessageContaining("record 5");
                assertThat(e.firstRemovedId()).isEqualTo(id);
                assertThat(e.lastRemovedId()).isEqualTo(4);
            }
            assertThat(log.read(5, 10, Long.MAX_VALUE)).isEqualTo(records(5, 10));
        });
    }

    @Test
    default void rangeAfterATruncateHoldsOnlyNewRecords() throws Exception {
        inLog(log -> {
            log.append(records(1, 10));
            log.truncate(6);
            log.append(new byte[] {7});
            assertThat(log.read(6, 10, 1000)).hasSize(2).last().isEqualTo(LogRecord.of(7, new byte[] {7}));
        });
    }

    @Test
    default void limitsOfARangeAreChecked() throws Exception {
        inLog(log -> {
            log.append(records(1, 10));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> log.read(-1, 1, 1))
                    .withMessageContaining("-1");
            for (int wrong : new int[] {0, -1, Integer.MIN_VALUE}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> log.read(1, wrong, 1))
                        .withMessageContaining("maxRecords")
                        .withMessageContaining(Integer.toString(wrong));
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> log.read(1, 1, wrong))
                        .withMessageContaining("maxBytes")
                        .withMessageContaining(Integer.toString(wrong));
            }
        });
    }

    @Test
    default void rangeOfAClosedLogIsRefused() throws Exception {
        Log log = openLog();
        log.append(records(1, 3));
        log.close();
        assertThatIllegalStateException().isThrownBy(() -> log.read(1, 10, 1000));
    }

    /**
     * Reads ranges while a writer appends and truncates records 6 to 20 again and again. These records contain the
     * number of their generation, so a range with two generations would mix records from before and after a truncate.
     */
    @Test
    default void rangeNeverMixesRecordsFromBeforeAndAfterATruncate() throws Exception {
        inLog(log -> {
            log.append(records(1, 5));
            AtomicBoolean done = new AtomicBoolean();
            Running writer = Running.start(() -> {
                try {
                    for (byte generation = 0; generation < GENERATIONS; generation++) {
                        ByteBuffer data = ByteBuffer.wrap(new byte[] {generation});
                        for (int i = 0; i < 3; i++) {
                            log.appendAll(Collections.nCopies(5, data));
                        }
                        log.truncate(5);
                    }
                } finally {
                    done.set(true);
                }
            });
            int reads = 0;
            while (!done.get() || reads < GENERATIONS) {
                List<LogRecord> range = log.read(3, 100, 100_000);
                assertThat(range.subList(0, 3)).isEqualTo(records(3, 5));
                assertThat(range.stream()
                                .skip(3)
                                .map(record -> record.bytes()[0])
                                .distinct())
                        .hasSizeLessThanOrEqualTo(1);
                assertThat(range).extracting(LogRecord::id).startsWith(3L).isSorted();
                assertThat(range.get(range.size() - 1).id()).isEqualTo(2 + range.size());
                reads++;
            }
            writer.join();
        });
    }
}
