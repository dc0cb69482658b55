package dev.holdfast.testkit;

import static dev.holdfast.testkit.LogAssertions.assertHolds;
import static dev.holdfast.testkit.Running.interrupted;
import static dev.holdfast.testkit.Samples.buffer;
import static dev.holdfast.testkit.Samples.buffers;
import static dev.holdfast.testkit.Samples.record;
import static dev.holdfast.testkit.Samples.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Contract tests that apply to truncate, trim and reset alike. */
public interface RemovalContract extends LogFixture {
    private static Step holding(long firstId, long lastId) {
        return log -> log.append(records(firstId, lastId));
    }

    @Test
    default void limitsOutOfRangeAreRefusedAndChangeNothing() throws Exception {
        inLog(
                holding(1, 10),
                log -> {
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> log.truncate(-2))
                            .withMessageContaining("-2");
                    assertThatIllegalArgumentException().isThrownBy(() -> log.truncate(Long.MIN_VALUE));
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> log.trim(-2))
                            .withMessageContaining("-2");
                    assertThatIllegalArgumentException().isThrownBy(() -> log.trim(Long.MIN_VALUE));
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> log.reset(-1))
                            .withMessageContaining("-1");
                    assertThatIllegalArgumentException().isThrownBy(() -> log.reset(Long.MAX_VALUE));
                    assertHolds(log, 1, 10);
                },
                log -> assertHolds(log, 1, 10));
    }

    @Test
    default void removalsTakeEffectInCallOrderAmongPendingAppends() throws Exception {
        inLog(
                log -> {
                    List<CompletableFuture<?>> futures = new ArrayList<>();
                    futures.add(log.appendAsync(records(1, 10)));
                    log.truncate(5);
                    futures.add(log.appendAsync(records(6, 8)));
                    log.trim(2);
                    futures.add(log.appendAllAsync(buffers(9, 12)));
                    assertThat(log.append(buffer(13))).isEqualTo(13);
                    assertHolds(log, 3, 13);
                    futures.add(log.appendAsync(records(14, 16)));
                    log.reset(40);
                    futures.add(log.appendAsync(records(40, 44)));
                    log.sync();
                    assertHolds(log, 40, 44);
                    for (CompletableFuture<?> future : futures) {
                        future.get();
                    }
                },
                log -> assertHolds(log, 40, 44));
    }

    @Test
    default void continuationMayRemoveRecords() throws Exception {
        inLog(
                log -> log.appendAsync(records(1, 10))
                        .thenRun(() -> removeAndAppend(log))
                        .get(),
                log -> assertHolds(log, 8, 8));
    }

    private static void removeAndAppend(Log log) {
        try {
            log.trim(2);
            log.truncate(4);
            log.reset(8);
            log.append(record(8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    default void interruptedThreadRemovesRecords() throws Exception {
        inLog(
                holding(1, 20),
                log -> {
                    interrupted(() -> log.truncate(10));
                    interrupted(() -> log.trim(4));
                    assertHolds(log, 5, 10);
                },
                log -> {
                    assertHolds(log, 5, 10);
                    interrupted(() -> log.reset(30));
                    log.append(record(30));
                },
                log -> assertHolds(log, 30, 30));
    }

    @Test
    default void largeRecordsAreRemovedLikeOthers() throws Exception {
        byte[] largest = new byte[LogRecord.MAX_DATA_BYTES];
        inLog(
                log -> {
                    for (long id = 1; id <= 6; id++) {
                        log.append(id % 2 == 0 ? LogRecord.of(id, largest) : record(id));
                    }
                    log.truncate(5);
                    log.trim(2);
                    assertHolds(log, List.of(record(3), LogRecord.of(4, largest), record(5)));
                },
                log -> {
                    assertHolds(log, List.of(record(3), LogRecord.of(4, largest), record(5)));
                    log.append(record(6));
                    log.trim(5);
                    assertHolds(log, 6, 6);
                },
                log -> assertHolds(log, 6, 6));
    }
}
