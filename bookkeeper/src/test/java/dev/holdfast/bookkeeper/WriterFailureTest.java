package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.assertHolds;
import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFencedException;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Injects single failures, each at one place, on ledgers and a metadata store in memory. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WriterFailureTest {
    private final FakeWorld world = new FakeWorld();

    @AfterEach
    void stop() {
        world.close();
    }

    private LogState state() throws Exception {
        return world.state();
    }

    // Ledgers

    @ParameterizedTest
    @EnumSource(FakeLedgers.Fault.class)
    void entriesThatALedgerRejectsAreWrittenToTheNextInOrder(FakeLedgers.Fault fault) throws Exception {
        try (Log log = world.open()) {
            world.ledgers.fail(4, fault);
            List<CompletableFuture<Long>> futures = new ArrayList<>();
            for (long id = 1; id <= 21; id += 3) {
                futures.add(log.appendAllAsync(records(id, 3)));
            }
            for (int i = 0; i < futures.size(); i++) {
                assertThat(futures.get(i).get()).isEqualTo(1 + 3L * i);
            }
            assertHolds(log, 21);
            assertThat(state().segments()).hasSizeBetween(1, 2);
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
        }
        try (Log log = world.open()) {
            assertHolds(log, 21);
        }
    }

    @Test
    void unfinishedBatchIsDiscardedByTheNextOwner() throws Exception {
        Log log = world.open();
        log.appendAll(records(1, 2));
        world.metadata.down(true);
        world.ledgers.fail(3, FakeLedgers.Fault.REFUSED);
        assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.appendAll(records(3, 5)));
        world.metadata.down(false);
        try (Log reader = world.openReadOnly()) {
            assertHolds(reader, 2); // three entries of the batch are acknowledged
        }
        try (Log next = world.open()) {
            assertHolds(next, 2);
            next.appendAll(records(3, 2));
            assertHolds(next, 4);
        }
        log.close();
    }

    @Test
    void fencedLedgerOfTheCurrentOwnerIsReplaced() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 2));
            world.ledgers.fence(state().last().ledgerId());
            log.appendAll(records(3, 2));
            assertHolds(log, 4);
            assertThat(state().segments()).hasSize(2);
        }
    }

    @Test
    void segmentsShrinkDownToTheAckQuorum() throws Exception {
        try (Log log = world.open()) {
            world.ledgers.bookies(2);
            log.append(record(1));
            assertThat(world.ledgers.lastEnsemble()).isEqualTo(2);
            world.ledgers.bookies(1);
            world.ledgers.fail(0, FakeLedgers.Fault.REFUSED);
            CompletableFuture<Long> behind = log.appendAsync(record(2));
            assertThatExceptionOfType(TooFewBookiesException.class)
                    .isThrownBy(() -> log.append(record(3)))
                    .withMessageContainingAll("ack quorum of 2", "Nothing of this append was written");
            assertThat(behind)
                    .failsWithin(FakeWorld.TIMEOUT)
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(TooFewBookiesException.class);
            assertThat(log.nextId()).isEqualTo(2);
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
            assertHolds(log, 1);
            log.trim(0);
            world.ledgers.bookies(3);
            assertThat(log.append(record(2))).isEqualTo(2);
            log.truncate(1);
            assertHolds(log, 1);
        }
        try (Log log = world.open()) {
            log.append(record(2));
            assertThat(world.ledgers.lastEnsemble()).isEqualTo(3);
            assertHolds(log, 2);
        }
    }

    @Test
    void failedRecoveryIsRepeated() throws Exception {
        Log first = world.open();
        first.appendAll(records(1, 3));
        world.ledgers.failRecoveries(3);
        try (Log second = world.open()) {
            assertHolds(second, 3);
        }
        first.close();
    }

    @Test
    void deletedLedgerIsNamedInTheError() throws Exception {
        Log log = world.open();
        log.appendAll(records(1, 3));
        world.ledgers.remove(0);
        assertThatExceptionOfType(CorruptLogException.class)
                .isThrownBy(() -> log.read(2))
                .withMessageContaining("ledger 0");
        assertThatExceptionOfType(CorruptLogException.class)
                .isThrownBy(() -> log.cursor(1).next());
        assertThatExceptionOfType(CorruptLogException.class).isThrownBy(world::open);
    }

    @Test
    void stateThatNamesAWrongLedgerIsDetected() throws Exception {
        try (Log log = world.open()) {
            log.appendAll(records(1, 3));
        }
        LogState good = state();
        Segment segment = good.last();
        Segment wrong = new Segment(segment.ledgerId(), 2, OptionalLong.of(4), segment.bytes(), false, good.key());
        world.metadata.put(world.logName, stateOf(good, 2, 5, List.of(wrong)));
        try (Log log = world.open()) {
            assertThatExceptionOfType(CorruptLogException.class)
                    .isThrownBy(() -> log.read(3))
                    .withMessageContainingAll("expected record 3 of", "found record 2 of");
        }
    }

    private static LogState stateOf(LogState good, long firstId, long nextId, List<Segment> segments) {
        return new LogState(
                good.identity(),
                good.epoch(),
                good.writer(),
                good.change(),
                0,
                firstId,
                nextId,
                false,
                false,
                segments);
    }

    // The state

    @ParameterizedTest
    @EnumSource(FakeMetadata.Fault.class)
    void changeIsMadeOnceIfItsAnswerIsLost(FakeMetadata.Fault fault) throws Exception {
        try (Log made = world.open()) {
            made.append(record(1));
        }
        world.metadata.fail(fault);
        try (Log log = world.open()) {
            assertThat(state().epoch()).isEqualTo(2);
            world.metadata.fail(fault);
            log.appendAll(records(2, 4));
            world.metadata.fail(fault);
            log.truncate(3);
            world.metadata.fail(fault);
            log.append(record(4));
            assertHolds(log, 4);
            assertThat(state().truncations()).isEqualTo(1);
            log.reset(9);
            world.metadata.fail(fault);
            assertThat(log.append(record(9))).isEqualTo(9);
        }
    }

    @Test
    void unansweredChangeFailsTheHandleAndReopeningDecides() throws Exception {
        Log log = world.open();
        log.appendAll(records(1, 5));
        world.metadata.down(true);
        assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.truncate(2));
        assertThatExceptionOfType(LogFailedException.class)
                .isThrownBy(() -> log.append(record(6)))
                .withMessageContaining("reopened");
        assertThat(log.lastId()).hasValue(5);
        log.close();
        world.metadata.down(false);
        try (Log reopened = world.open()) {
            assertHolds(reopened, 5);
        }
    }

    @Test
    void everyWriteOfAReplacedOwnerIsFencedAndReadsContinue() throws Exception {
        Log old = world.open();
        old.appendAll(records(1, 3));
        try (Log owner = world.open()) {
            List<CompletableFuture<Long>> futures = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                futures.add(old.appendAsync(record(100)));
            }
            for (CompletableFuture<Long> future : futures) {
                assertThatExceptionOfType(ExecutionException.class)
                        .isThrownBy(future::get)
                        .withCauseInstanceOf(LogFencedException.class);
            }
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> old.append(record(4)));
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> old.trim(1));
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(old::sync);
            assertThat(old.stats().state()).isEqualTo(LogStats.State.FAILED);
            assertThat(old.stats().cause().orElseThrow()).isInstanceOf(LogFencedException.class);
            assertHolds(old, 3);
            owner.append(record(4));
            old.close();
            assertHolds(owner, 4);
        }
    }

    @Test
    void tooManySegmentsCountAsAFullDiskUntilATrim() throws Exception {
        try (Log log = world.open()) {
            log.append(record(1));
        }
        LogState good = state();
        List<Segment> many = new ArrayList<>();
        for (long id = 1; id <= 30_000; id++) {
            many.add(new Segment(good.last().ledgerId(), id, OptionalLong.of(id), 17, false, good.key()));
        }
        world.metadata.put(world.logName, stateOf(good, 1, 30_001, many));
        try (Log log = world.open()) {
            CompletableFuture<Long> behind = log.appendAsync(record(30_001));
            assertThatExceptionOfType(DiskFullException.class).isThrownBy(() -> log.append(record(30_002)));
            assertThat(behind).failsWithin(Duration.ofSeconds(20));
            assertThat(log.nextId()).isEqualTo(30_001);
            log.trim(29_999);
            assertThat(log.append(record(30_001))).isEqualTo(30_001);
            assertThat(log.stats().state()).isEqualTo(LogStats.State.OPEN);
        }
    }

    @Test
    void damagedAndNewerStatesAreDistinguished() throws Exception {
        world.open().close();
        String text = StateCodec.encode(state());
        assertThatExceptionOfType(UnsupportedFormatException.class)
                .isThrownBy(() -> StateCodec.decode(text.replace("bookkeeper 2", "bookkeeper 3"), "here"));
        for (int i = 0; i < text.length(); i++) {
            char[] letters = text.toCharArray();
            letters[i] ^= 1;
            String damaged = new String(letters);
            assertThatExceptionOfType(IOException.class)
                    .as("letter " + i)
                    .isThrownBy(() -> StateCodec.decode(damaged, "here"))
                    .withMessageContaining("here");
        }
        for (int i = 0; i < text.length(); i++) {
            String cut = text.substring(0, i);
            assertThatExceptionOfType(CorruptLogException.class).isThrownBy(() -> StateCodec.decode(cut, "here"));
        }
    }

    // Leftover ledgers

    @Test
    void onlyUnlistedLedgersOfEarlierOwnersAreRemoved() throws Exception {
        Replication three = new Replication(3, 3, 2);
        long leftOver = world.ledgers
                .create(three, new Label(world.metadata.id(world.logName), 1))
                .get()
                .ledgerId();
        long ofAnother = world.ledgers
                .create(three, new Label("/elsewhere/" + world.logName, 1))
                .get()
                .ledgerId();
        world.open().close();
        try (Log log = world.open()) {
            log.append(record(1));
            long used = state().last().ledgerId();
            long mayBeEntered = world.ledgers
                    .create(three, new Label(world.metadata.id(world.logName), 2))
                    .get()
                    .ledgerId();
            Sweeper sweeper = new Sweeper(world.metadata, world.ledgers, FakeWorld.TIMEOUT);
            assertThat(sweeper.sweep(world.logName, 0, progress -> true).removed())
                    .isEqualTo(1);
            assertThat(world.ledgers.ids()).containsExactlyInAnyOrder(ofAnother, used, mayBeEntered);
            assertThat(world.ledgers.ids()).doesNotContain(leftOver);
            assertHolds(log, 1);
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(() -> sweeper.sweep("none", 0, progress -> true));
        }
    }

    @Test
    void ledgersOfRemovedRecordsAreDeleted() throws Exception {
        try (Log log = world.open()) {
            for (int i = 0; i < 5; i++) {
                log.append(ByteBuffer.allocate(64 << 10)); // as large as a segment
            }
            assertThat(world.ledgers.ids()).hasSize(5);
            log.trim(2);
            assertThat(world.ledgers.ids()).hasSize(3);
            log.truncate(3);
            assertThat(world.ledgers.ids()).hasSize(1);
            log.reset(100);
            assertThat(world.ledgers.ids()).isEmpty();
        }
    }

    // Reading while another process writes

    @Test
    void readOnlyLogFollowsAppendsAndRemovals() throws Exception {
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(world::openReadOnly);
        try (Log log = world.open();
                Log reader = world.openReadOnly();
                LogCursor cursor = reader.cursor(0);
                LogCursor behind = reader.cursor(0)) {
            assertThat(cursor.next()).isFalse();
            log.appendAll(records(1, 6));
            for (long id = 1; id <= 6; id++) {
                assertThat(cursor.next(Duration.ofSeconds(20))).isTrue();
                assertThat(cursor.data().getLong()).isEqualTo(id);
            }
            assertThat(behind.next()).isTrue();
            assertThat(cursor.next()).isFalse();
            log.truncate(4);
            log.append(record(5));
            assertThatExceptionOfType(RecordsRemovedException.class).isThrownBy(cursor::next);
            for (long id = 2; id <= 5; id++) {
                assertThat(behind.next()).isTrue();
                assertThat(behind.data().getLong()).isEqualTo(id);
            }
            assertHolds(reader, 5);
            log.trim(3);
            assertThat(reader.read(99)).isEmpty(); // polls again
            assertThat(reader.firstId()).hasValue(4);
            assertThat(reader.read(3)).isEmpty();
            log.reset(40);
            assertThat(reader.read(99)).isEmpty();
            assertThat(reader.firstId()).isEmpty();
            assertThat(reader.nextId()).isEqualTo(40);
            assertThatExceptionOfType(RecordsRemovedException.class).isThrownBy(behind::next);
            assertThatIllegalStateException()
                    .isThrownBy(() -> reader.append(record(1)))
                    .withMessageContaining("reading only");
            assertThatIllegalStateException().isThrownBy(() -> reader.trim(1));
            assertThat(reader.stats().state()).isEqualTo(LogStats.State.READ_ONLY);
        }
    }
}
