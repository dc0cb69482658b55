package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.wal.Log;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.bookkeeper.client.BookKeeper;
import org.apache.bookkeeper.client.api.DigestType;
import org.apache.bookkeeper.client.api.LedgersIterator;
import org.apache.bookkeeper.client.api.ListLedgersResult;
import org.apache.bookkeeper.client.api.WriteHandle;
import org.apache.bookkeeper.conf.ClientConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests leftover ledgers on a cluster that other applications also use. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeftOverLedgersTest {
    private static final Replication TWO = new Replication(2, 2, 2);

    @TempDir
    Path directory;

    @Test
    void onlyLeftoverLedgersOfEarlierOwnersAreRemoved() throws Exception {
        try (LocalCluster cluster = LocalCluster.start(directory, 3);
                BookKeeperConnection connection = BookKeeperConnection.open(at(cluster, "/holdfast"));
                BookKeeperConnection elsewhere = BookKeeperConnection.open(at(cluster, "/else/where"))) {
            BookKeeper another = new BookKeeper(new ClientConfiguration().setMetadataServiceUri(cluster.uri()));
            long foreign = foreignLedger(another);
            Log alike = BookKeeperLog.open(elsewhere, at(cluster, "/else/where"));
            alike.append(record(1));
            Log killed = BookKeeperLog.open(connection, at(cluster, "/holdfast"));
            killed.appendAll(records(1, 3));
            long neverEntered = made(connection, new Label("/holdfast/log", 1));
            Log owner = BookKeeperLog.open(connection, at(cluster, "/holdfast"));
            owner.append(record(4));
            long mayBeEntered = made(connection, new Label("/holdfast/log", 2));
            owner.trim(3);
            long recovered = onlyLedger(connection, 1, neverEntered);

            assertThat(label(connection, neverEntered)).hasValue(new Label("/holdfast/log", 1));
            assertThat(label(connection, recovered)).hasValue(new Label("/holdfast/log", 1));
            assertThat(label(connection, mayBeEntered)).hasValue(new Label("/holdfast/log", 2));
            assertThat(label(connection, foreign)).isEmpty();
            assertThat(label(connection, 1_000_000)).isEmpty();
            assertThat(connection.ledgers().open(foreign))
                    .failsWithin(Duration.ofMinutes(1))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(UnusableClusterException.class);
            Set<Long> before = ids(another);
            assertThat(before).contains(foreign, neverEntered, recovered, mayBeEntered);

            assertThat(BookKeeperLog.removeLeftOverLedgers(connection, at(cluster, "/holdfast")))
                    .isEqualTo(2);
            assertThat(BookKeeperLog.removeLeftOverLedgers(connection, at(cluster, "/holdfast")))
                    .isZero();
            before.removeAll(Set.of(neverEntered, recovered));
            assertThat(ids(another)).isEqualTo(before);
            assertThat(owner.read(4)).isPresent();
            assertThat(alike.read(1)).isPresent();
            BookKeeperLogOptions none =
                    BookKeeperLogOptions.builder(cluster.uri(), "none").build();
            assertThatExceptionOfType(NoSuchFileException.class)
                    .isThrownBy(() -> BookKeeperLog.removeLeftOverLedgers(connection, none));
            killed.close();
            owner.close();
            alike.close();
            another.close();
        }
    }

    // Many ledgers, in memory

    private static final int MANY = 12_000;

    /**
     * Creates a log whose owner has epoch 2, among many ledgers: a third were left over by owner 1, a third may still
     * be added, and a third belong to another log.
     */
    private static FakeWorld worldWithMany() throws Exception {
        FakeWorld world = new FakeWorld();
        world.open().close();
        world.open().close();
        String logId = world.metadata.id(world.logName);
        List<Label> labels = List.of(new Label(logId, 1), new Label(logId, 2), new Label("/fake/other", 1));
        for (int i = 0; i < MANY; i++) {
            world.ledgers.put(i, labels.get(i % 3), List.of(), true);
        }
        return world;
    }

    @Test
    void thousandsOfLedgersAreExaminedAFewAtATime() throws Exception {
        try (FakeWorld world = worldWithMany()) {
            List<LeftOverProgress> steps = new ArrayList<>();
            LeftOverProgress end = world.removeLeftOverLedgers(0, steps::add);
            assertThat(end).isEqualTo(new LeftOverProgress(MANY, MANY / 3, MANY, true));
            assertThat(steps).hasSize(MANY / 1000);
            assertThat(steps.get(0)).isEqualTo(new LeftOverProgress(1000, 334, 1000, false));
            assertThat(world.ledgers.ids()).hasSize(2 * MANY / 3).noneMatch(id -> id % 3 == 0);
            assertThat(world.ledgers.labelsAskedAtOnce()).isBetween(2, Parallel.AT_ONCE);
        }
    }

    @Test
    void stoppedRemovalContinuesFromItsProgress() throws Exception {
        try (FakeWorld world = worldWithMany()) {
            LeftOverProgress stopped = world.removeLeftOverLedgers(0, progress -> progress.lookedAt() < 5000);
            assertThat(stopped).isEqualTo(new LeftOverProgress(5000, 1667, 5000, false));
            LeftOverProgress rest = world.removeLeftOverLedgers(stopped.nextLedgerId(), progress -> true);
            assertThat(rest).isEqualTo(new LeftOverProgress(7000, 2333, MANY, true));
            assertThat(world.ledgers.labelsAsked()).isEqualTo(MANY);
        }
    }

    @Test
    void failedRequestIsRepeated() throws Exception {
        try (FakeWorld world = worldWithMany()) {
            world.ledgers.failLabels(3);
            assertThat(world.removeLeftOverLedgers()).isEqualTo(MANY / 3);
        }
    }

    @Test
    void failedRemovalHasReportedItsProgress() throws Exception {
        try (FakeWorld world = worldWithMany()) {
            List<LeftOverProgress> steps = new ArrayList<>();
            assertThatExceptionOfType(LogTimeoutException.class)
                    .isThrownBy(() -> world.removeLeftOverLedgers(Duration.ofMillis(300), 0, progress -> {
                        steps.add(progress);
                        if (steps.size() == 2) {
                            world.ledgers.failLabels(Integer.MAX_VALUE);
                        }
                        return true;
                    }))
                    .withMessageContaining("the label of ledger 2000");
            world.ledgers.failLabels(0);
            LeftOverProgress rest = world.removeLeftOverLedgers(steps.get(1).nextLedgerId(), progress -> true);
            assertThat(rest.removed() + steps.get(1).removed()).isEqualTo(MANY / 3);
        }
    }

    private static BookKeeperLogOptions at(LocalCluster cluster, String path) {
        return BookKeeperLogOptions.builder(cluster.uri(), "log")
                .metadataPath(path)
                .build();
    }

    /** Creates a ledger of an application that does not use Holdfast. */
    private static long foreignLedger(BookKeeper client) throws Exception {
        WriteHandle handle = client.newCreateLedgerOp()
                .withEnsembleSize(2)
                .withWriteQuorumSize(2)
                .withAckQuorumSize(2)
                .withDigestType(DigestType.CRC32C)
                .withPassword(new byte[] {1})
                .execute()
                .get();
        handle.close();
        return handle.getId();
    }

    private static long made(BookKeeperConnection connection, Label label) throws Exception {
        return connection.ledgers().create(TWO, label).get().ledgerId();
    }

    private static Optional<Label> label(BookKeeperConnection connection, long ledgerId) throws Exception {
        return connection.ledgers().label(ledgerId).get();
    }

    private static long onlyLedger(BookKeeperConnection connection, long epoch, long except) throws Exception {
        List<Long> found = new ArrayList<>();
        for (long ledgerId : connection.ledgers().list().next().get()) {
            if (ledgerId != except
                    && label(connection, ledgerId).equals(Optional.of(new Label("/holdfast/log", epoch)))) {
                found.add(ledgerId);
            }
        }
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static Set<Long> ids(BookKeeper client) throws Exception {
        Set<Long> ids = new HashSet<>();
        ListLedgersResult result = client.newListLedgersOp().execute().get();
        LedgersIterator iterator = result.iterator();
        while (iterator.hasNext()) {
            ids.add(iterator.next());
        }
        result.close();
        return ids;
    }
}
