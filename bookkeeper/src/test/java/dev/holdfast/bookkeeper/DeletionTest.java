package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.assertHolds;
import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFencedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests deletions of logs: while the log has an owner, with leftover ledgers, and in several attempts. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeletionTest {
    private static final Duration SHORT = Duration.ofMillis(300);

    private final FakeWorld world = new FakeWorld();

    @AfterEach
    void stop() {
        world.close();
    }

    private Label label(String logName, long epoch) {
        return new Label(world.metadata.id(logName), epoch);
    }

    @Test
    void deletionRemovesAllLedgersOfTheLogAndNoOthers() throws Exception {
        Log killed = world.open();
        killed.appendAll(records(1, 3));
        try (Log log = world.open()) {
            log.appendAll(List.of(ByteBuffer.allocate(64 << 10))); // as large as a segment
            log.append(record(5));
            log.trim(3); // the ledger of the previous owner is kept as a fence
        }
        world.ledgers.put(100, label("another", 1), List.of(), true);
        world.ledgers.put(101, label(world.logName, 1), List.of(), false); // created, but never added to the state
        assertThat(world.delete()).isTrue();
        assertThat(world.ledgers.ids()).containsExactly(100L);
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(world::openReadOnly);
        assertThat(world.delete()).isFalse();
        try (BookKeeperLog anew = world.open()) {
            assertHolds(anew, 0);
            assertThat(anew.epoch()).isEqualTo(1);
            anew.append(record(1));
        }
        killed.close();
        assertThat(world.ledgers.openHandles()).isZero();
    }

    @Test
    void ownerOfADeletedLogIsFenced() throws Exception {
        Log idle = world.open();
        Log owner = world.open();
        owner.append(record(1));
        world.delete();
        world.passTime(Duration.ofHours(1)); // the ledger was deleted, and its fence with it
        assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> owner.append(record(2)));
        assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> owner.trim(1));
        assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> idle.append(record(1)));
        owner.close();
        idle.close();
    }

    @Test
    void ownerIsFencedBeforeTheFirstLedgerIsRemoved() throws Exception {
        Log owner = world.open();
        owner.append(record(1));
        world.ledgers.failRecoveries(Integer.MAX_VALUE);
        assertThatExceptionOfType(LogTimeoutException.class)
                .isThrownBy(() -> world.delete(SHORT))
                .withMessageContaining("fencing ledger 0");
        world.ledgers.failRecoveries(0);
        try (Log next = world.open()) {
            assertHolds(next, 1);
        }
        owner.close();
    }

    @Test
    void interruptedDeletionIsFinishedByAnotherCall() throws Exception {
        try (Log log = world.open()) {
            for (int i = 0; i < 5; i++) {
                log.appendAll(List.of(ByteBuffer.allocate(64 << 10)));
            }
        }
        world.ledgers.refuseDeletionOf(3);
        assertThatExceptionOfType(LogTimeoutException.class)
                .isThrownBy(() -> world.delete(SHORT))
                .withMessageContaining("removing ledger 3");
        assertThat(world.ledgers.ids()).contains(3L).doesNotContain(0L);
        for (Call call : List.<Call>of(world::open, world::openReadOnly)) {
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(call::call)
                    .withMessageContaining("BookKeeperLog.delete finishes");
        }
        world.ledgers.refuseDeletionOf(-1);
        assertThat(world.delete()).isTrue();
        assertThat(world.ledgers.ids()).isEmpty();
        world.open().close();
    }

    private interface Call {
        void call() throws IOException;
    }

    @Test
    void deletionSurvivesConnectionsLostAtEveryChange() throws Exception {
        for (FakeMetadata.Fault fault : List.of(FakeMetadata.Fault.LOST_BEFORE, FakeMetadata.Fault.LOST_AFTER)) {
            try (Log log = world.open()) {
                log.appendAll(records(1, 3));
            }
            world.metadata.fail(fault, fault, fault, fault);
            assertThat(world.delete()).isTrue();
            assertThat(world.ledgers.ids()).isEmpty();
            assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(world::openReadOnly);
        }
    }

    @Test
    void nodeThatWasChangedMeanwhileIsNotRemoved() throws Exception {
        world.open().close();
        Manifest deleting = Manifest.takeOverToDelete(
                        world.metadata, world.ledgers, world.logName, new Random(7), Deadline.after(FakeWorld.TIMEOUT))
                .orElseThrow();
        try (Log log = world.open()) {
            log.append(record(1));
            assertThatExceptionOfType(LogFencedException.class)
                    .isThrownBy(() -> deleting.delete(Deadline.after(FakeWorld.TIMEOUT)));
            assertHolds(log, 1);
        }
    }
}
