package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertEmpty;
import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.LogAssertions.assertStartsAt;
import static dev.holdfast.testkit.LogAssertions.assertTakesOnly;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Contract tests of {@link Log#reset}: it removes every record and fixes the next id, also after the log is reopened.
 */
public interface ResetContract extends LogFixture {
    private static Step holding(long firstId, long lastId) {
        return log -> log.append(records(firstId, lastId));
    }

    @Test
    default void resetRemovesAllRecordsAndFixesTheNextId() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.reset(50);
                    assertEmpty(log, 50);
                },
                log -> {
                    assertEmpty(log, 50);
                    assertTakesOnly(log, 50);
                    assertHolds(log, 50, 50);
                },
                log -> {
                    assertHolds(log, 50, 50);
                    assertTakesOnly(log, 51);
                });
    }

    @Test
    default void resetOfANewLogFixesItsFirstId() throws Exception {
        inLog(log -> log.reset(7), log -> assertTakesOnly(log, 7), log -> assertHolds(log, 7, 7));
    }

    @Test
    default void resetAcceptsTheSmallestAndTheLargestId() throws Exception {
        inLog(
                holding(5, 6),
                log -> log.reset(0),
                log -> {
                    assertEmpty(log, 0);
                    assertThat(log.append(buffer(0))).isZero();
                },
                log -> log.reset(Samples.MAX_ID),
                log -> {
                    assertEmpty(log, Samples.MAX_ID);
                    assertThat(log.append(buffer(Samples.MAX_ID))).isEqualTo(Samples.MAX_ID);
                },
                log -> assertHolds(log, Samples.MAX_ID, Samples.MAX_ID));
    }

    @Test
    default void assignedIdsStartWhereTheLogWasReset() throws Exception {
        inLog(
                holding(1, 10),
                log -> log.reset(50),
                log -> assertThat(log.appendAll(buffers(50, 52))).isEqualTo(50),
                log -> assertHolds(log, 50, 52));
    }

    @Test
    default void resetToAnOldIdDoesNotRestoreRecords() throws Exception {
        LogRecord other = LogRecord.of(4, new byte[] {4, 4});
        inLog(
                holding(1, 10),
                log -> log.reset(4),
                log -> {
                    assertEmpty(log, 4);
                    log.append(other);
                },
                log -> assertHolds(log, List.of(other)));
    }

    @Test
    default void callsThatRemoveNothingKeepTheIdFixedByReset() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    log.reset(50);
                    log.truncate(-1);
                    log.truncate(49);
                    log.trim(100);
                    log.append(List.of());
                    log.appendAll(List.of());
                    log.sync();
                    assertThat(log.nextId()).isEqualTo(50);
                },
                log -> assertTakesOnly(log, 50));
    }

    @Test
    default void resetFixesOnlyTheNextAppend() throws Exception {
        inLog(
                log -> log.reset(50),
                holding(50, 55),
                log -> {
                    log.truncate(-1);
                    assertEmpty(log, 50);
                },
                log -> assertStartsAt(log, 9),
                log -> log.reset(30),
                holding(30, 33),
                log -> {
                    log.trim(33);
                    assertEmpty(log, 34);
                },
                log -> assertStartsAt(log, 90));
    }

    @Test
    default void lastOfSeveralResetsWins() throws Exception {
        inLog(
                log -> {
                    log.reset(50);
                    log.reset(60);
                    log.reset(20);
                },
                log -> {
                    assertEmpty(log, 20);
                    assertTakesOnly(log, 20);
                });
    }
}
