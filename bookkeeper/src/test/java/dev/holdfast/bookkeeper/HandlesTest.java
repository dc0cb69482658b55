package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Checks that a failure leaks no ledger handle, no ledger and no connection. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HandlesTest {
    private final FakeWorld world = new FakeWorld();

    @AfterEach
    void stop() {
        world.close();
    }

    @Test
    void closedLogHasNoOpenHandles() throws Exception {
        try (Log log = world.open();
                Log reader = world.openReadOnly()) {
            log.appendAll(records(1, 5));
            log.truncate(3);
            log.append(record(4));
            Records.assertHolds(log, 4);
            Records.assertHolds(reader, 4);
            log.reset(9);
            log.append(record(9));
        }
        assertThat(world.ledgers.openHandles()).isZero();
    }

    @Test
    void lossOfAllEntriesAfterATrimIsReportedAndLeaksNoHandle() throws Exception {
        Log killed = world.open();
        killed.appendAll(records(1, 5));
        killed.trim(3);
        world.ledgers.lose(world.state().last().ledgerId());
        assertThatExceptionOfType(CorruptLogException.class)
                .isThrownBy(world::open)
                .withMessageContaining("records up to 3 were acknowledged");
        killed.close();
        assertThat(world.ledgers.openHandles()).isZero();
    }

    @Test
    void failedReadOnlyOpeningLeaksNoHandle() throws Exception {
        Log log = world.open();
        log.appendAll(records(1, 5));
        world.ledgers.flaw(FakeLedgers.Flaw.IDS_ARE_WRONG);
        assertThatIOException().isThrownBy(world::openReadOnly);
        log.close();
        assertThat(world.ledgers.openHandles()).isZero();
    }

    @Test
    void failedWriterClosesItsHandle() throws Exception {
        Log log = world.open();
        log.appendAll(records(1, 5));
        world.metadata.down(true);
        world.ledgers.fail(
                0, FakeLedgers.Fault.REFUSED); // the writer cannot confirm its ownership, so it seals nothing
        assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.append(record(6)));
        assertThat(log.read(5)).isPresent();
        log.close();
        assertThat(world.ledgers.openHandles()).isZero();
    }

    @Test
    void ledgerThatCannotBeAddedToTheStateIsClosed() throws Exception {
        Log log = world.open();
        world.metadata.down(true);
        assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.append(record(1)));
        log.close();
        assertThat(world.ledgers.openHandles()).isZero();
    }

    @Test
    void ledgerCreatedTooLateIsDeleted() throws Exception {
        Log log = world.open();
        world.ledgers.creationsAreLate();
        assertThatExceptionOfType(LogFailedException.class).isThrownBy(() -> log.append(record(1)));
        world.ledgers.makeLate();
        assertThat(world.ledgers.ids()).isEmpty();
        log.close();
        assertThat(world.ledgers.openHandles()).isZero();
    }

    @Test
    void connectionEstablishedTooLateIsClosed() throws Exception {
        CountDownLatch network = new CountDownLatch(1);
        CompletableFuture<String> closed = new CompletableFuture<>();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> BookKeeperConnection.bounded(
                        Duration.ofMillis(1),
                        "connecting",
                        () -> {
                            network.await();
                            return "a connection";
                        },
                        closed::complete));
        network.countDown();
        assertThat(closed.get()).isEqualTo("a connection");
    }
}
