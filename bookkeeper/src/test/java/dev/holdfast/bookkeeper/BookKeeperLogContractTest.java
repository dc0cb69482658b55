package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.holdfast.testkit.LogContract;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogFencedException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.data.ACL;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BookKeeperLogContractTest implements LogContract {
    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir
    static Path directory;

    private static LocalCluster cluster;
    private static BookKeeperConnection connection;

    private final BookKeeperLogOptions options = BookKeeperLogOptions.builder(
                    cluster.uri(), "log-" + NAMES.incrementAndGet())
            .segmentBytes(64 << 10)
            .build();

    @BeforeAll
    static void startCluster() throws Exception {
        cluster = LocalCluster.start(directory, 4);
        connection = BookKeeperConnection.open(
                BookKeeperLogOptions.builder(cluster.uri(), "any").build());
    }

    @AfterAll
    static void stopCluster() throws IOException {
        connection.close();
        cluster.close();
    }

    @Override
    public Log openLog() throws IOException {
        return BookKeeperLog.open(connection, options);
    }

    @Override
    public boolean persistent() {
        return true;
    }

    // Permanent errors are reported at once

    private static BookKeeperLogOptions at(String uri) {
        return BookKeeperLogOptions.builder(uri, "log-elsewhere").build();
    }

    @Test
    void rootWithoutClusterIsRefusedAndNothingIsCreatedThere() throws Exception {
        for (String root : List.of("/ledgers", "/holdfast-test/ledger", LocalCluster.ROOT + "/available")) {
            String uri = cluster.uriOf(root);
            assertThatExceptionOfType(UnusableClusterException.class)
                    .isThrownBy(() -> BookKeeperLog.open(at(uri)))
                    .withMessageContainingAll(uri, "no node " + root + "/available");
        }
        assertThat(children("/")).doesNotContain("ledgers");
        assertThat(children("/holdfast-test")).containsExactly("ledgers");
    }

    private static List<String> children(String node) throws Exception {
        return cluster.ask(client -> client.getChildren(node, false));
    }

    @Test
    void stateNamesTheClusterOfTheLedgers() throws Exception {
        openLog().close();
        String id = textOf(LocalCluster.ROOT + "/INSTANCEID");
        assertThat(textOf(node())).contains("\ncluster " + id + "\n");
    }

    private String node() {
        return "/holdfast/" + options.logName();
    }

    private static String textOf(String node) throws Exception {
        return cluster.ask(client -> new String(client.getData(node, false, null), US_ASCII));
    }

    @Test
    void unknownHostIsRefused() {
        assertThatExceptionOfType(UnusableClusterException.class)
                .isThrownBy(() -> BookKeeperLog.open(at("zk+hierarchical://host.invalid:2181/ledgers")))
                .withMessageContaining("host.invalid");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "etcd://127.0.0.1:2379/ledgers",
                "zk+hierarchical://127.0.0.1:2181",
                "zk+hierarchical://127.0.0.1:2181/",
                "zk+hierarchical://127.0.0.1:2181/ledgers/",
                "zk+other://127.0.0.1:2181/ledgers",
                "127.0.0.1:2181/ledgers"
            })
    void uriThatIsNoneOfZooKeeperIsRefused(String uri) {
        assertThatIllegalArgumentException().isThrownBy(() -> at(uri));
    }

    @Test
    void nodeOfAnotherApplicationIsRefused() throws Exception {
        openLog().close();
        for (byte[] data : new byte[][] {null, {}, {1, 2, 3}}) {
            cluster.ask(client -> client.setData(node(), data, -1));
            assertThatExceptionOfType(CorruptLogException.class)
                    .isThrownBy(this::openLog)
                    .withMessageContainingAll(node(), "expected a first line");
            assertThatExceptionOfType(CorruptLogException.class)
                    .isThrownBy(() -> BookKeeperLog.openReadOnly(connection, options));
        }
    }

    @Test
    void missingPermissionToChangeTheNodeIsReported() throws Exception {
        Log log = openLog();
        log.append(new byte[1]);
        cluster.ask(client -> client.setACL(node(), ZooDefs.Ids.READ_ACL_UNSAFE, -1));
        assertRefused(this::openLog, node());
        assertThatExceptionOfType(LogFailedException.class)
                .isThrownBy(() -> log.trim(1))
                .withMessageContaining("NOAUTH");
        log.close();
        BookKeeperLog.openReadOnly(connection, options).close();
    }

    @Test
    void missingPermissionToReadTheNodeIsReported() throws Exception {
        List<ACL> nothing = Collections.singletonList(new ACL(0, ZooDefs.Ids.ANYONE_ID_UNSAFE));
        openLog().close(); // creates the parent node
        cluster.ask(client -> client.setACL(node(), nothing, -1));
        assertRefused(this::openLog, node());
        assertRefused(() -> BookKeeperLog.openReadOnly(connection, options), node());
    }

    @Test
    void missingPermissionToCreateLedgersRefusesTheAppend() throws Exception {
        String generator = LocalCluster.ROOT + "/idgen";
        List<ACL> noCreation = Collections.singletonList(
                new ACL(ZooDefs.Perms.READ | ZooDefs.Perms.ADMIN, ZooDefs.Ids.ANYONE_ID_UNSAFE));
        try (Log log = openLog()) {
            log.append(new byte[1]); // creates the node
            log.truncate(0);
            cluster.ask(client -> client.setACL(generator, noCreation, -1));
            assertRefused(() -> log.append(new byte[1]), generator);
            cluster.ask(client -> client.setACL(generator, ZooDefs.Ids.OPEN_ACL_UNSAFE, -1));
            assertThat(log.append(new byte[1])).isEqualTo(1); // nothing was written, and the log is still usable
        } finally {
            cluster.ask(client -> client.setACL(generator, ZooDefs.Ids.OPEN_ACL_UNSAFE, -1));
        }
        assertThat(children(generator)).isEmpty();
    }

    // Lists and deletions

    @Test
    void logsAreListedAndDeleted() throws Exception {
        BookKeeperLogOptions named = BookKeeperLogOptions.builder(cluster.uri(), "z")
                .metadataPath("/listed/logs")
                .build();
        BookKeeperLogOptions other = BookKeeperLogOptions.builder(cluster.uri(), "a")
                .metadataPath("/listed/logs")
                .build();
        try (BookKeeperConnection there = BookKeeperConnection.open(named)) {
            assertThat(BookKeeperLog.list(there)).isEmpty();
            assertThat(BookKeeperLog.delete(there, named)).isFalse();
            Log owner = BookKeeperLog.open(there, named);
            owner.append(new byte[3]);
            BookKeeperLog.open(there, other).close();
            assertThat(BookKeeperLog.list(there)).containsExactly("a", "z");
            // The state that a deletion leaves if it dies just before its end.
            cluster.ask(client -> client.create(
                    "/listed/logs/z/deleted-by-1", new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
            assertThat(BookKeeperLog.delete(there, named)).isTrue();
            assertThat(BookKeeperLog.list(there)).containsExactly("a");
            assertThatExceptionOfType(LogFencedException.class).isThrownBy(() -> owner.append(new byte[3]));
            owner.close();
            Metadata metadata = there.metadata();
            long version = metadata.version("a").get().getAsLong();
            assertThat(metadata.delete("a", 5, version + 1).get()).isFalse();
            assertThat(metadata.delete("a", 5, version).get()).isTrue();
            assertThat(metadata.delete("a", 5, version).get()).isTrue(); // a repeated call gets the same answer
        }
    }

    private interface Call {
        void call() throws Exception;
    }

    private static void assertRefused(Call call, String node) {
        assertThatExceptionOfType(UnusableClusterException.class)
                .isThrownBy(call::call)
                .withMessageContainingAll("NOAUTH", node);
    }
}
