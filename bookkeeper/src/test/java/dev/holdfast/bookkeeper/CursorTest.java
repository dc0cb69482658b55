package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests cursors on a cluster that does not answer in time, and the number of ledgers that they keep open. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CursorTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final FakeWorld world = new FakeWorld();

    @AfterEach
    void stop() {
        world.close();
    }

    /** Creates a log with this number of segments, each with one record. */
    private void makeLog(int segments) throws Exception {
        try (Log log = world.open()) {
            for (int i = 0; i < segments; i++) {
                log.appendAll(List.of(ByteBuffer.allocate(64 << 10))); // as large as a segment
            }
        }
    }

    // Time limits

    @Test
    void nextReturnsInTimeWhileALedgerOpensAndTheNextCallWaitsForTheSameOpening() throws Exception {
        makeLog(1);
        try (Log log = world.open();
                LogCursor cursor = log.cursor(0)) {
            world.ledgers.openingsAreLate();
            assertThat(cursor.next(Duration.ZERO)).isFalse();
            assertThat(cursor.next(Duration.ofMillis(1))).isFalse();
            world.ledgers.openLate();
            assertThat(cursor.next(LONG)).isTrue();
            assertThat(cursor.id()).isEqualTo(1);
            assertThat(world.ledgers.openingsAsked()).isEqualTo(1);
        }
    }

    @Test
    void nextReturnsInTimeWithoutMetadataStoreAndTheNextCallWaitsForTheSamePoll() throws Exception {
        try (Log log = world.open();
                Log reader = world.openReadOnly();
                LogCursor cursor = reader.cursor(0)) {
            int before = world.metadata.versions();
            world.metadata.hang();
            assertThat(cursor.next(Duration.ZERO)).isFalse();
            assertThat(cursor.next(Duration.ZERO)).isFalse();
            assertThat(world.metadata.versions()).isEqualTo(before + 1);
            log.append(record(1));
            world.metadata.answer();
            assertThat(cursor.next(LONG)).isTrue();
        }
    }

    @Test
    void repeatedShortCallsReportAClusterThatNeverAnswers() throws Exception {
        makeLog(1);
        try (Log log = world.open();
                LogCursor cursor = log.cursor(0)) {
            world.ledgers.hangOpenings(true);
            assertThatExceptionOfType(LogTimeoutException.class).isThrownBy(() -> {
                while (true) {
                    assertThat(cursor.next(Duration.ZERO)).isFalse();
                }
            });
            world.ledgers.hangOpenings(false);
            assertThat(cursor.next(Duration.ZERO)).isTrue();
        }
    }

    @Test
    void nextWithoutTimeoutContinuesTheRequestOfATimedCall() throws Exception {
        makeLog(2);
        try (Log log = world.open();
                LogCursor cursor = log.cursor(0)) {
            world.ledgers.openingsAreLate();
            assertThat(cursor.next(Duration.ZERO)).isFalse();
            world.ledgers.openLate();
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.next()).isTrue();
            assertThat(cursor.next()).isFalse();
            assertThat(world.ledgers.openingsAsked()).isEqualTo(2);
        }
    }

    @Test
    void recordRemovedAfterReadAheadIsNotReturned() throws Exception {
        makeLog(1);
        try (Log log = world.open();
                LogCursor cursor = log.cursor(1)) {
            world.ledgers.openingsAreLate();
            assertThat(cursor.next(Duration.ZERO)).isFalse();
            world.ledgers.openLate();
            log.truncate(0);
            assertThat(cursor.next(Duration.ZERO)).isFalse();
            log.append(record(1));
            assertThat(cursor.next(LONG)).isTrue();
            assertThat(cursor.data().remaining()).isEqualTo(8);
            log.truncate(0);
            assertThatExceptionOfType(RecordsRemovedException.class).isThrownBy(() -> cursor.next(LONG));
        }
    }

    @Test
    void closingACursorEndsItsWaitForTheCluster() throws Exception {
        makeLog(1);
        Log log = world.open();
        LogCursor cursor = log.cursor(0);
        LogCursor ofTheLog = log.cursor(0);
        world.ledgers.openingsAreLate();
        CompletableFuture<Boolean> first = next(cursor);
        CompletableFuture<Boolean> second = next(ofTheLog);
        await().until(() -> world.ledgers.openingsAsked() == 1);
        cursor.close();
        assertClosed(first);
        log.close();
        assertClosed(second);
        world.ledgers.openLate();
        await().until(() -> world.ledgers.openHandles() == 0);
    }

    private static CompletableFuture<Boolean> next(LogCursor cursor) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return cursor.next(LONG);
                    } catch (Exception e) {
                        throw new IllegalStateException(e.getMessage(), e);
                    }
                },
                task -> new Thread(task, "reader").start());
    }

    private static void assertClosed(CompletableFuture<Boolean> next) {
        assertThat(next)
                .failsWithin(FakeWorld.TIMEOUT)
                .withThrowableOfType(ExecutionException.class)
                .withMessageContaining("is closed");
    }

    // Open ledgers

    @Test
    void scanKeepsOnlyAFewLedgersOpen() throws Exception {
        makeLog(30);
        try (Log log = world.open();
                LogCursor cursor = log.cursor(0);
                LogCursor waiting = log.cursor(0)) {
            for (long id = 1; id <= 30; id++) {
                assertThat(cursor.next()).isTrue();
                assertThat(waiting.next(Duration.ZERO)).isTrue();
                assertThat(log.read(31 - id)).isPresent();
                assertThat(world.ledgers.openHandles()).isLessThanOrEqualTo(2 + OpenLedgers.IDLE);
            }
        }
        assertThat(world.ledgers.openHandles()).isZero();
    }

    @Test
    void ledgerPinnedByACursorStaysOpen() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(Records.records(1, 200)); // more than one read-ahead
        }
        try (Log log = world.open()) {
            for (int i = 0; i < 20; i++) {
                log.appendAll(List.of(ByteBuffer.allocate(64 << 10)));
            }
        }
        try (Log log = world.open();
                LogCursor cursor = log.cursor(0)) {
            assertThat(cursor.next()).isTrue();
            int opened = world.ledgers.openingsAsked();
            for (long id = 201; id <= 220; id++) {
                assertThat(log.read(id)).isPresent();
            }
            for (long id = 2; id <= 200; id++) {
                assertThat(cursor.next()).isTrue();
            }
            assertThat(world.ledgers.openingsAsked()).isEqualTo(opened + 20);
        }
    }

    @Test
    void openLedgerIsReadThroughItsWriteHandle() throws Exception {
        makeLog(20);
        try (Log log = world.open()) {
            log.append(record(21));
            for (long id = 1; id <= 20; id++) {
                assertThat(log.read(id)).isPresent();
            }
            int opened = world.ledgers.openingsAsked();
            assertThat(log.read(21)).isPresent();
            assertThat(world.ledgers.openingsAsked()).isEqualTo(opened);
        }
    }
}
