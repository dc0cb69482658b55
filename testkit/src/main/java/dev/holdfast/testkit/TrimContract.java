package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertEmpty;
import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.LogAssertions.assertStartsAt;
import static dev.holdfast.testkit.LogAssertions.assertTakesOnly;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import org.junit.jupiter.api.Test;

/**
 * Contract tests of {@link Log#trim}: which records it removes and which ids follow, immediately, after reopening and
 * after more appends.
 */
public interface TrimContract extends LogFixture {
    private static Step holding(long firstId, long lastId) {
        return log -> log.append(records(firstId, lastId));
    }

    @Test
    default void trimRemovesRecordsUpToItsLimit() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.trim(4);
                    assertHolds(log, 5, 10);
                },
                log -> {
                    assertHolds(log, 5, 10);
                    assertTakesOnly(log, 11);
                },
                log -> assertHolds(log, 5, 11));
    }

    @Test
    default void trimOfAllRecordsKeepsTheNextIdAndAllowsAnyOther() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.trim(10);
                    assertEmpty(log, 11);
                },
                log -> {
                    assertEmpty(log, 11);
                    assertStartsAt(log, 1000);
                },
                log -> assertHolds(log, 1000, 1002));
    }

    @Test
    default void trimBeyondTheLastRecordRemovesAllRecords() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.trim(100);
                    assertEmpty(log, 11);
                },
                log -> {
                    assertEmpty(log, 11);
                    log.append(records(11, 12));
                    assertHolds(log, 11, 12);
                },
                log -> assertHolds(log, 11, 12));
    }

    @Test
    default void trimToTheLargestLongRemovesAllRecords() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.trim(Long.MAX_VALUE);
                    assertEmpty(log, 11);
                },
                log -> {
                    assertEmpty(log, 11);
                    assertStartsAt(log, 2);
                },
                log -> assertHolds(log, 2, 4));
    }

    @Test
    default void trimBelowTheFirstRecordDoesNothing() throws Exception {
        inLog(
                holding(5, 10),
                log -> {
                    log.trim(-1);
                    log.trim(0);
                    log.trim(4);
                    assertHolds(log, 5, 10);
                    log.trim(6);
                    log.trim(5);
                    assertHolds(log, 7, 10);
                },
                log -> assertHolds(log, 7, 10));
    }

    @Test
    default void trimOfAnEmptyLogDoesNothing() throws Exception {
        inLog(
                log -> {
                    log.trim(100);
                    assertEmpty(log, 1);
                },
                log -> {
                    log.append(records(1, 3));
                    assertHolds(log, 1, 3);
                },
                log -> assertHolds(log, 1, 3));
    }

    @Test
    default void trimsAlternateWithAppends() throws Exception {
        inLog(
                log -> {
                    for (long id = 1; id <= 1000; id += 10) {
                        log.append(records(id, id + 9));
                        log.trim(id + 2);
                        assertThat(log.firstId()).hasValue(id + 3);
                    }
                    assertHolds(log, 994, 1000);
                },
                log -> assertHolds(log, 994, 1000));
    }

    @Test
    default void recordsAppendedAfterATrimOfAllAreKept() throws Exception {
        inLog(
                holding(1, 10),
                log -> log.trim(10),
                log -> log.appendAll(buffers(11, 13)),
                log -> assertHolds(log, 11, 13));
    }
}
