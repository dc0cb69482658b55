package dev.holdfast.bookkeeper;

import static dev.holdfast.bookkeeper.Records.record;
import static dev.holdfast.bookkeeper.Records.records;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.holdfast.bookkeeper.Ledgers.Label;
import dev.holdfast.bookkeeper.Ledgers.Labelled;
import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.wal.Log;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.bookkeeper.client.BookKeeper;
import org.apache.bookkeeper.client.api.DigestType;
import org.apache.bookkeeper.client.api.LedgersIterator;
import org.apache.bookkeeper.client.api.ListLedgersResult;
import org.apache.bookkeeper.client.api.WriteHandle;
import org.apache.bookkeeper.conf.ClientConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ledgers that are part of no log any more, on a cluster that other applications use as well. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LeftOverLedgersTest {
    private static final Replication TWO = new Replication(2, 2, 2);

    @TempDir
    Path directory;

    @Test
    void ledgersOfEarlierOwnersOfOneLogAreRemovedAndNoOthers() throws Exception {
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

            List<Labelled> listed = connection.ledgers().list().get();
            assertThat(listed)
                    .contains(
                            new Labelled(neverEntered, new Label("/holdfast/log", 1)),
                            new Labelled(recovered, new Label("/holdfast/log", 1)),
                            new Labelled(mayBeEntered, new Label("/holdfast/log", 2)))
                    .noneMatch(each -> each.ledgerId() == foreign);
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

    private static BookKeeperLogOptions at(LocalCluster cluster, String path) {
        return BookKeeperLogOptions.builder(cluster.uri(), "log")
                .metadataPath(path)
                .build();
    }

    /** A ledger of an application that knows nothing of logs. */
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

    private static long onlyLedger(BookKeeperConnection connection, long epoch, long except) throws Exception {
        Set<Long> found = connection.ledgers().list().get().stream()
                .filter(each -> each.label().equals(new Label("/holdfast/log", epoch)) && each.ledgerId() != except)
                .map(Labelled::ledgerId)
                .collect(toSet());
        assertThat(found).hasSize(1);
        return found.iterator().next();
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
