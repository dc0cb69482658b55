package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertEmpty;
import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.LogAssertions.assertStartsAt;
import static dev.holdfast.testkit.LogAssertions.assertTakesOnly;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Contract tests of {@link Log#truncate}: which records it removes and which ids follow, immediately, after reopening
 * and after more appends.
 */
public interface TruncateContract extends LogFixture {
    private static Step holding(long firstId, long lastId) {
        return log -> log.append(records(firstId, lastId));
    }

    @Test
    default void truncateRemovesRecordsAfterItsLimit() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.truncate(5);
                    assertHolds(log, 1, 5);
                },
                log -> {
                    assertHolds(log, 1, 5);
                    assertTakesOnly(log, 6);
                },
                log -> assertHolds(log, 1, 6));
    }

    @Test
    default void truncateToTheFirstRecordKeepsIt() throws Exception {
        inLog(
                holding(5, 10),
                log -> {
                    log.truncate(5);
                    assertHolds(log, 5, 5);
                },
                log -> {
                    assertHolds(log, 5, 5);
                    assertTakesOnly(log, 6);
                });
    }

    @Test
    default void truncateToZeroRemovesAllRecordsAndAllowsAnyNextId() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.truncate(0);
                    assertEmpty(log, 1);
                },
                log -> {
                    assertEmpty(log, 1);
                    assertStartsAt(log, 0);
                },
                log -> assertHolds(log, 0, 2));
    }

    @Test
    default void truncateToMinusOneRemovesRecordZeroToo() throws Exception {
        inLog(
                holding(0, 10),
                log -> {
                    log.truncate(-1);
                    assertEmpty(log, 0);
                },
                log -> {
                    assertEmpty(log, 0);
                    assertStartsAt(log, 8);
                },
                log -> assertHolds(log, 8, 10));
    }

    @Test
    default void truncateBelowTheFirstRecordKeepsItsIdAsNextId() throws Exception {
        inLog(
                holding(20, 30),
                log -> {
                    log.truncate(7);
                    assertEmpty(log, 20);
                },
                log -> {
                    assertEmpty(log, 20);
                    assertThat(log.append(buffer(20))).isEqualTo(20);
                },
                log -> assertHolds(log, 20, 20));
    }

    @Test
    default void truncateOfATrimmedLogKeepsTheFirstIdAsNextId() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.trim(4);
                    log.truncate(2);
                    assertEmpty(log, 5);
                },
                log -> {
                    assertEmpty(log, 5);
                    assertStartsAt(log, 3);
                },
                log -> assertHolds(log, 3, 5));
    }

    @Test
    default void truncateAtOrAboveTheLastRecordDoesNothing() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.truncate(10);
                    log.truncate(11);
                    log.truncate(Long.MAX_VALUE);
                    assertHolds(log, 1, 10);
                },
                log -> {
                    assertHolds(log, 1, 10);
                    assertTakesOnly(log, 11);
                });
    }

    @Test
    default void truncateOfAnEmptyLogDoesNothing() throws Exception {
        inLog(
                log -> {
                    log.truncate(-1);
                    log.truncate(5);
                    assertEmpty(log, 1);
                },
                log -> {
                    assertEmpty(log, 1);
                    assertStartsAt(log, 3);
                });
    }

    @Test
    default void truncatedRecordsDoNotReturnAfterAppends() throws Exception {
        LogRecord other = LogRecord.of(6, new byte[] {6, 6});
        List<LogRecord> expected = new ArrayList<>(records(1, 5));
        expected.add(other);
        inLog(
                holding(1, 10),
                log -> log.truncate(5),
                log -> {
                    log.append(other);
                    assertHolds(log, expected);
                },
                log -> {
                    assertHolds(log, expected);
                    log.append(records(7, 8));
                },
                log -> {
                    expected.addAll(records(7, 8));
                    assertHolds(log, expected);
                });
    }

    @Test
    default void repeatedTruncatesKeepTheOldestRecords() throws Exception {
        inLog(
                holding(1, 300),
                log -> {
                    for (long last = 299; last >= 280; last--) {
                        log.truncate(last);
                        assertThat(log.lastId()).hasValue(last);
                    }
                    for (long last = 279; last >= 29; last -= 25) {
                        log.truncate(last);
                        log.append(records(last + 1, last + 10));
                    }
                    assertHolds(log, 1, 39);
                },
                log -> assertHolds(log, 1, 39));
    }
}
