package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.assertHolds;
import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFencedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests an owner that was replaced without its knowledge. The bookies forget the fence of a ledger when the ledger is
 * deleted.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OwnershipTest {
    private final FakeWorld world = new FakeWorld();

    @AfterEach
    void stop() {
        world.close();
    }

    /** Ways in which an owner removes all records. */
    enum Removal {
        TRIM,
        TRUNCATE,
        RESET;

        void from(Log log) throws IOException {
            switch (this) {
                case TRIM -> log.trim(3);
                case TRUNCATE -> log.truncate(0);
                case RESET -> log.reset(4);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void idleOwnerIsFencedEvenIfTheNextOwnerRemovedAllRecords(Removal removal) throws Exception {
        Log idle = world.open();
        idle.appendAll(records(1, 3));
        try (Log owner = world.open()) {
            removal.from(owner);
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> idle.append(record(4)));
            assertThat(owner.lastId()).isEmpty();
        }
        idle.close();
    }

    @Test
    void idleOwnerIsFencedEvenIfALaterOwnerRemovedItsRecords() throws Exception {
        Log idle = world.open();
        idle.appendAll(records(1, 3));
        world.open().close();
        try (Log owner = world.open()) {
            owner.append(record(4));
            owner.truncate(2);
            owner.trim(2);
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> idle.append(record(4)));
        }
        idle.close();
    }

    @Test
    void ownerIsFencedDuringItsFirstAppendIfItsEmptyLedgerWasRecovered() throws Exception {
        Log idle = world.open();
        CountDownLatch bookies = new CountDownLatch(1);
        world.ledgers.answerAfter(bookies);
        CompletableFuture<Long> underWay = idle.appendAsync(record(1));
        await().until(() -> world.state().isOpen());
        try (Log owner = world.open()) {
            bookies.countDown();
            assertThat(underWay)
                    .failsWithin(FakeWorld.TIMEOUT.multipliedBy(2))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(LogFencedException.class);
            assertHolds(owner, 0);
        }
        idle.close();
    }

    @Test
    void ledgersSealedByTheirWriterAreDeletedWithTheirRecords() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 3));
        }
        try (Log log = world.open()) {
            assertThat(world.ledgers.ids()).hasSize(1);
            log.trim(3);
            assertThat(world.ledgers.ids()).isEmpty();
        }
    }

    @Test
    void recoveredLedgerStaysUntilLeftoversAreRemoved() throws Exception {
        Log killed = world.open();
        killed.appendAll(records(1, 3));
        try (Log log = world.open()) {
            assertThat(world.removeLeftOverLedgers()).isZero();
            log.trim(3);
            assertThat(world.ledgers.ids()).hasSize(1);
            assertThat(world.removeLeftOverLedgers()).isOne();
            assertThat(world.ledgers.ids()).isEmpty();
        }
        killed.close();
    }

    @Test
    void idleOwnerConfirmsItsOwnershipBeforeAcknowledging() throws Exception {
        Log idle = world.open();
        idle.appendAll(records(1, 3));
        try (Log owner = world.open()) {
            owner.trim(3);
            assertThat(world.removeLeftOverLedgers()).isOne();
            world.passTime(Duration.ofHours(1));
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> idle.append(record(4)));
            assertThat(owner.lastId()).isEmpty();
        }
        idle.close();
    }

    @Test
    void idleOwnerConfirmsItsOwnershipOnceAndContinues() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 3));
            int before = world.metadata.reads();
            log.append(record(4));
            assertThat(world.metadata.reads()).isEqualTo(before);
            world.passTime(Duration.ofDays(3));
            log.append(record(5));
            log.append(record(6));
            assertThat(world.metadata.reads()).isEqualTo(before + 1);
            assertHolds(log, 6);
            assertThat(world.state().segments()).hasSize(1);
        }
    }

    @Test
    void ownerDoesNotDeleteALedgerThatTheNextOwnerMayUse() throws Exception {
        Log replaced = world.open();
        world.metadata.fail(FakeMetadata.Fault.LOST_AFTER);
        world.metadata.whenChanged(this::takeOver); // the new owner has not recovered the ledger yet
        assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> replaced.append(record(1)));
        replaced.close();
        assertThat(world.state().isOpen()).isTrue();
        try (Log log = world.open()) {
            assertHolds(log, 0);
            log.append(record(1));
            assertHolds(log, 1);
        }
    }

    private void takeOver() {
        try {
            Manifest.takeOver(
                    world.metadata,
                    world.ledgers,
                    world.logName,
                    new Random(2),
                    System::nanoTime,
                    Deadline.after(FakeWorld.TIMEOUT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void trimIsPublishedBeforeLedgersAreDeleted() throws Exception {
        try (Log log = world.open()) {
            List<ByteBuffer> large = List.of(ByteBuffer.allocate(64 << 10)); // as large as a segment
            log.appendAll(large);
            log.appendAll(large);
            CompletableFuture<Boolean> there = new CompletableFuture<>();
            world.ledgers.whenDeleted(() -> there.completeAsync(() -> isThere(log, 1), Runnable::run));
            log.trim(1);
            assertThat(there).isCompletedWithValue(false);
        }
    }

    private static boolean isThere(Log log, long id) {
        try {
            return log.read(id).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void eachOwnerHasAGreaterEpochAndKeepsIt() throws Exception {
        BookKeeperLog first = world.open();
        BookKeeperLog second = world.open();
        second.append(record(1));
        assertThat(first.epoch()).isEqualTo(1);
        assertThat(second.epoch()).isEqualTo(2);
        second.close();
        first.close();
        assertThat(second.epoch()).isEqualTo(2);
        try (BookKeeperLog third = world.open();
                BookKeeperLog reader =
                        BookKeeperLog.openReadOnly(world.metadata, world.ledgers, world.options(), null)) {
            assertThat(third.epoch()).isEqualTo(3);
            assertThatIllegalStateException().isThrownBy(reader::epoch);
        }
    }
}
