package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.bytes;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Contract tests of closing and reopening a log, of {@link Log#sync} and of {@link Log#stats}. */
public interface LifecycleContract extends LogFixture {
    // close

    @Test
    default void closeIsIdempotent() throws Exception {
        Log log = openLog();
        log.append(record(1));
        log.close();
        log.close();
    }

    @Test
    default void closedLogRefusesEveryCallButCloseAndStats() throws Exception {
        Log log = openLog();
        log.append(records(1, 3));
        log.close();
        assertThatIllegalStateException().isThrownBy(log::firstId);
        assertThatIllegalStateException().isThrownBy(log::lastId);
        assertThatIllegalStateException().isThrownBy(log::nextId);
        assertThatIllegalStateException().isThrownBy(() -> log.cursor(1));
        assertThatIllegalStateException().isThrownBy(() -> log.read(1));
        assertThatIllegalStateException().isThrownBy(() -> log.append(record(4)));
        assertThatIllegalStateException().isThrownBy(() -> log.append(records(4, 5)));
        assertThatIllegalStateException().isThrownBy(() -> log.append(buffer(4)));
        assertThatIllegalStateException().isThrownBy(() -> log.append(bytes(4)));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAll(buffers(4, 5)));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAsync(records(4, 5)));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAsync(buffer(4)));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAllAsync(buffers(4, 5)));
        assertThatIllegalStateException().isThrownBy(() -> log.truncate(1));
        assertThatIllegalStateException().isThrownBy(() -> log.trim(1));
        assertThatIllegalStateException().isThrownBy(() -> log.reset(1));
        assertThatIllegalStateException().isThrownBy(log::sync);
        assertThat(log.stats().state()).isEqualTo(LogStats.State.CLOSED);
        log.close();
    }

    @Test
    default void closedLogRefusesCallsThatWouldChangeNothing() throws Exception {
        Log log = openLog();
        log.append(records(1, 3));
        log.close();
        assertThatIllegalStateException().isThrownBy(() -> log.append(List.of()));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAll(List.of()));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAsync(List.of()));
        assertThatIllegalStateException().isThrownBy(() -> log.appendAllAsync(List.of()));
        assertThatIllegalStateException().isThrownBy(() -> log.truncate(10));
        assertThatIllegalStateException().isThrownBy(() -> log.trim(-1));
    }

    @Test
    default void futuresOfAppendsBeforeCloseCompleteWithTheirIds() throws Exception {
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        inLog(log -> {
            for (long id = 1; id <= 200; id++) {
                futures.add(log.appendAsync(buffer(id)));
            }
        });
        for (int i = 0; i < futures.size(); i++) {
            assertThat(futures.get(i).get()).isEqualTo(i + 1);
        }
        assumeTrue(persistent(), "this log does not keep records after a close");
        inLog(log -> assertHolds(log, 1, 200));
    }

    // reopening

    @Test
    default void recordsSurviveManyReopenings() throws Exception {
        assumeTrue(persistent(), "this log does not keep records after a close");
        for (long id = 1; id <= 40; id += 2) {
            long firstId = id;
            inLog(log -> {
                assertThat(log.nextId()).isEqualTo(firstId);
                log.append(records(firstId, firstId + 1));
                assertHolds(log, 1, firstId + 1);
            });
        }
    }

    @Test
    default void reopeningWithoutACallInBetweenChangesNothing() throws Exception {
        assumeTrue(persistent(), "this log does not keep records after a close");
        inLog(log -> log.append(records(7, 9)));
        for (int i = 0; i < 20; i++) {
            openLog().close();
        }
        inLog(
                log -> {
                    assertHolds(log, 7, 9);
                    log.append(record(10));
                },
                log -> assertHolds(log, 7, 10));
    }

    // sync

    @Test
    default void syncChangesNothing() throws Exception {
        inLog(
                log -> {
                    log.sync();
                    log.append(records(1, 3));
                    log.sync();
                    log.sync();
                    assertHolds(log, 1, 3);
                    log.append(record(4));
                },
                log -> assertHolds(log, 1, 4));
    }

    // stats

    @Test
    default void statsCountAppendsSinceTheLogWasOpened() throws Exception {
        Step appendSomeAndCheck = log -> {
            assertAppended(log.stats(), 0, 0);
            log.append(new byte[10]);
            log.appendAll(List.of(buffer(5), buffer(7)));
            log.appendAsync(buffer(8)).get();
            LogStats stats = log.stats();
            assertAppended(stats, 4, 30);
            assertThat(stats.groups()).isBetween(1L, 3L);
            assertThat(stats.lastId()).isEqualTo(log.lastId());
            assertThat(stats.nextId()).isEqualTo(log.nextId());
        };
        inLog(appendSomeAndCheck);
        inLog(appendSomeAndCheck);
    }

    private static void assertAppended(LogStats stats, long records, long bytes) {
        assertThat(stats.appendedRecords()).isEqualTo(records);
        assertThat(stats.appendedBytes()).isEqualTo(bytes);
        assertThat(stats.state()).isEqualTo(LogStats.State.OPEN);
        assertThat(stats.cause()).isEmpty();
    }

    @Test
    default void statsAreASnapshot() throws Exception {
        inLog(log -> {
            log.append(record(1));
            LogStats before = log.stats();
            log.append(record(2));
            assertThat(before.lastId()).hasValue(1);
            assertThat(before.nextId()).isEqualTo(2);
            assertThat(before.appendedRecords()).isEqualTo(1);
        });
    }

    @Test
    default void closedLogKeepsItsLastStats() throws Exception {
        Log log = openLog();
        log.append(records(3, 9));
        log.close();
        LogStats stats = log.stats();
        assertThat(stats.firstId()).hasValue(3);
        assertThat(stats.lastId()).hasValue(9);
        assertThat(stats.nextId()).isEqualTo(10);
        assertThat(stats.appendedRecords()).isEqualTo(7);
        assertThat(stats.state()).isEqualTo(LogStats.State.CLOSED);
        assertThat(stats.cause()).isEmpty();
    }

    @Test
    default void refusedAppendIsNotCounted() throws Exception {
        inLog(log -> {
            log.append(record(5));
            assertThat(catchThrowable(() -> log.append(record(7)))).isNotNull();
            assertAppended(log.stats(), 1, bytes(5).length);
        });
    }
}
