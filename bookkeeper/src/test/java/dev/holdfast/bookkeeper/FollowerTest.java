package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.RecordsRemovedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests readers while another process writes: what they see, how much they request, and when their calls end. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FollowerTest {
    private static final Duration BOUND = FakeWorld.TIMEOUT.multipliedBy(2);

    private final FakeWorld world = new FakeWorld();
    private final List<Thread> threads = new ArrayList<>();
    private final Executor inAThread = task -> {
        Thread thread = new Thread(task, "reader");
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    };

    @AfterEach
    void stop() {
        world.close();
    }

    private CompletableFuture<Boolean> next(LogCursor cursor) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return cursor.next();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                },
                inAThread);
    }

    private static List<LogCursor> cursors(Log reader, int count) {
        List<LogCursor> cursors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            cursors.add(reader.cursor(0));
        }
        return cursors;
    }

    // Number of requests

    @Test
    void unchangedNodeIsNotReadAgain() throws Exception {
        try (Log log = world.open();
                Log reader = world.openReadOnly();
                LogCursor cursor = reader.cursor(0)) {
            log.append(record(1));
            assertThat(cursor.next()).isTrue();
            int reads = world.metadata.reads();
            for (long id = 2; id <= 50; id++) {
                log.append(record(id));
                assertThat(cursor.next()).isTrue();
                assertThat(cursor.next()).isFalse();
            }
            assertThat(world.metadata.reads()).isEqualTo(reads);
        }
    }

    @Test
    void concurrentCursorsShareOnePoll() throws Exception {
        try (Log log = world.open();
                Log reader = world.openReadOnly()) {
            int before = world.metadata.versions();
            world.metadata.hang();
            List<CompletableFuture<Boolean>> looks = new ArrayList<>();
            cursors(reader, 1).forEach(cursor -> looks.add(next(cursor)));
            await().until(() -> world.metadata.versions() == before + 1);
            cursors(reader, 5).forEach(cursor -> looks.add(next(cursor)));
            await().until(() -> threads.stream().allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING));
            log.append(record(1)); // the ledger must exist for cursors that open later
            world.metadata.answer();
            for (CompletableFuture<Boolean> look : looks.subList(1, looks.size())) {
                assertThat(look.get()).isTrue();
            }
            assertThat(looks.get(0)).succeedsWithin(BOUND);
            assertThat(world.metadata.versions()).isEqualTo(before + 2);
        }
    }

    // Time limits

    @Test
    void concurrentCursorsReturnWithinTheirTimeouts() throws Exception {
        try (Log log = world.open();
                Log reader = world.openReadOnly()) {
            log.append(record(1));
            world.metadata.hang();
            List<CompletableFuture<Boolean>> looks = new ArrayList<>();
            cursors(reader, 4).forEach(cursor -> looks.add(next(cursor)));
            assertThat(CompletableFuture.allOf(looks.toArray(CompletableFuture<?>[]::new)))
                    .failsWithin(BOUND);
            assertThat(looks).allMatch(CompletableFuture::isCompletedExceptionally);
            world.metadata.answer();
            assertThat(reader.read(1)).isPresent();
        }
    }

    @Test
    void openingAsAWholeHasOneTimeout() throws Exception {
        try (Log log = world.open()) {
            log.append(record(1));
            world.ledgers.hangOpenings(true);
            LedgerReads patient = new LedgerReads(world.ledgers, Duration.ofDays(1));
            assertThatIOException()
                    .isThrownBy(() -> Follower.of(
                            new Node(world.metadata, world.logName, world.ledgers.clusterId()),
                            world.logName,
                            patient,
                            Deadline.after(Duration.ofMillis(10))));
        }
    }

    @Test
    void unansweredOpenIsRepeatedByTheNextPoll() throws Exception {
        try (Log log = world.open();
                Log reader = world.openReadOnly();
                LogCursor cursor = reader.cursor(0)) {
            log.append(record(1));
            world.ledgers.hangOpenings(true);
            assertThatIOException().isThrownBy(cursor::next);
            world.ledgers.hangOpenings(false);
            assertThat(cursor.next()).isTrue();
        }
    }

    // Visible records

    @Test
    void pollThatFailsMidwayHidesNoRemoval() throws Exception {
        try (Log log = world.open();
                Log reader = world.openReadOnly();
                LogCursor cursor = reader.cursor(0)) {
            log.appendAll(records(1, 6));
            for (long id = 1; id <= 6; id++) {
                assertThat(cursor.next()).isTrue();
            }
            log.truncate(4);
            log.appendAll(records(5, 6));
            world.ledgers.hangOpenings(true);
            assertThatIOException().isThrownBy(cursor::next);
            world.ledgers.hangOpenings(false);
            assertThatExceptionOfType(RecordsRemovedException.class).isThrownBy(cursor::next);
        }
    }

    @Test
    void replacedHandleReportsTheNewOwnersTrimsAsRemovals() throws Exception {
        List<ByteBuffer> large = List.of(ByteBuffer.allocate(64 << 10)); // as large as a segment
        Log replaced = world.open();
        replaced.appendAll(large);
        replaced.appendAll(large);
        replaced.append(record(3));
        try (LogCursor begun = replaced.cursor(0);
                LogCursor fresh = replaced.cursor(2);
                Log owner = world.open()) {
            assertThat(begun.next()).isTrue();
            owner.trim(2);
            assertThat(replaced.read(2)).isEmpty();
            assertThatExceptionOfType(RecordsRemovedException.class).isThrownBy(fresh::next);
            assertThat(replaced.read(3)).isPresent();
        }
        replaced.close();
    }

    @Test
    void deletedLedgerIsReportedAsDamageToReaders() throws Exception {
        List<ByteBuffer> large = List.of(ByteBuffer.allocate(64 << 10));
        try (Log log = world.open()) {
            log.appendAll(large);
            log.appendAll(large);
            try (Log reader = world.openReadOnly();
                    LogCursor cursor = reader.cursor(0)) {
                world.ledgers.remove(0);
                assertThatExceptionOfType(CorruptLogException.class)
                        .isThrownBy(cursor::next)
                        .withMessageContaining("ledger 0");
                assertThatExceptionOfType(CorruptLogException.class).isThrownBy(() -> reader.read(1));
                world.ledgers.remove(1);
                assertThatExceptionOfType(CorruptLogException.class)
                        .isThrownBy(world::openReadOnly)
                        .withMessageContaining("ledger 1");
            }
        }
    }
}
