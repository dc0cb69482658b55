package dev.holdfast.bookkeeper;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.bookkeeper.client.BookKeeper;
import org.apache.bookkeeper.conf.ClientConfiguration;
import org.apache.bookkeeper.meta.zk.ZKMetadataDriverBase;
import org.apache.bookkeeper.util.ZkUtils;
import org.apache.bookkeeper.zookeeper.BoundExponentialBackoffRetryPolicy;
import org.apache.bookkeeper.zookeeper.ZooKeeperClient;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;

/**
 * A client of one BookKeeper cluster, which any number of logs can share: it has a session at ZooKeeper, a connection
 * to each bookie and a few threads. A log that is opened without one makes its own.
 */
public final class BookKeeperConnection implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger("dev.holdfast.bookkeeper");
    /** The setter of it is deprecated, but a client that is given its ZooKeeper still reads it. */
    private static final String ZK_LEDGERS_ROOT_PATH = "zkLedgersRootPath";

    private static final int FOR_EVER = Integer.MAX_VALUE;
    private static final long LONGEST_PAUSE_MILLIS = 1000;
    private static final int FIRST_PAUSE_MILLIS = 50;
    private static final int LAST_CONFIRMED_MILLIS = 100;
    private static final int LEAST_BYTES_IN_FLIGHT = 8 << 20;
    private static final int MOST_BYTES_IN_FLIGHT = 512 << 20;

    private final String metadataServiceUri;
    private final String metadataPath;
    private final Duration timeout;
    private final ZooKeeper zooKeeper;
    private final BookKeeper client;
    private final Metadata metadata;
    private final Ledgers ledgers;
    private final AtomicBoolean closed = new AtomicBoolean();

    private BookKeeperConnection(
            BookKeeperLogOptions options,
            ClientConfiguration configuration,
            ZooKeeper zooKeeper,
            Cluster cluster,
            BookKeeper client) {
        this.metadataServiceUri = options.metadataServiceUri();
        this.metadataPath = options.metadataPath();
        this.timeout = options.timeout();
        this.zooKeeper = zooKeeper;
        this.client = client;
        this.metadata = new ZooKeeperMetadata(zooKeeper, options.metadataPath(), ZkUtils.getACLs(configuration));
        this.ledgers = new BookKeeperLedgers(
                client, IN_A_THREAD, cluster.id(), new Rights(zooKeeper, cluster.root()), maxBytesInFlight(options));
    }

    private static final Executor IN_A_THREAD = task -> {
        Thread thread = new Thread(task, "holdfast-bookkeeper-connection");
        thread.setDaemon(true);
        thread.start();
    };

    /**
     * Connects to the cluster of these options; the name of the log and what concerns only it do not matter. All logs
     * that use the connection have together at most {@link BookKeeperLogOptions#maxBytesInFlight} of these options on
     * their way to bookies, or 8 MiB if that is less, and memory keeps at most twice as much for a bookie that takes
     * nothing.
     *
     * @throws UnusableClusterException if there is no cluster at the path of the URI, no server of ZooKeeper has a
     *     known host name, or this client has no permission
     * @throws LogTimeoutException if the metadata store does not answer within the options' timeout
     */
    public static BookKeeperConnection open(BookKeeperLogOptions options) throws IOException {
        ClientConfiguration configuration = configuration(options);
        return bounded(
                options.timeout(),
                "connecting to " + options.metadataServiceUri(),
                () -> connect(options, configuration),
                BookKeeperConnection::closeInBackground);
    }

    private static BookKeeperConnection connect(BookKeeperLogOptions options, ClientConfiguration configuration)
            throws Exception {
        String uri = options.metadataServiceUri();
        String servers = ZKMetadataDriverBase.getZKServersFromServiceUri(URI.create(uri));
        Cluster.checkHosts(uri, servers);
        ZooKeeper zooKeeper = zooKeeper(configuration, servers);
        try {
            // Before there is a client, since a client makes what it lacks at the root.
            Cluster cluster = Cluster.find(zooKeeper, uri);
            BookKeeper client = new BookKeeper(configuration, zooKeeper);
            return new BookKeeperConnection(options, configuration, zooKeeper, cluster, client);
        } catch (Throwable e) {
            zooKeeper.close();
            if (e instanceof KeeperException refused && Cluster.isPermanent(refused.code())) {
                throw Cluster.refused(refused.code(), String.valueOf(refused.getPath()));
            }
            throw e;
        }
    }

    /** How many bytes all logs of a connection may have sent, and not yet acknowledged. */
    private static int maxBytesInFlight(BookKeeperLogOptions options) {
        return (int) Math.max(LEAST_BYTES_IN_FLIGHT, Math.min(MOST_BYTES_IN_FLIGHT, options.maxBytesInFlight()));
    }

    static ClientConfiguration configuration(BookKeeperLogOptions options) {
        ClientConfiguration configuration = new ClientConfiguration();
        options.configuration().accept(configuration);
        configuration.setMetadataServiceUri(options.metadataServiceUri());
        // A client that is given its ZooKeeper takes the bookies from this setting, and the ledgers' metadata from the
        // URI.
        configuration.setProperty(ZK_LEDGERS_ROOT_PATH, Cluster.rootOf(options.metadataServiceUri()));
        int seconds = (int) Math.max(1, options.timeout().toSeconds() / 8);
        configuration.setAddEntryTimeout(seconds);
        configuration.setReadEntryTimeout(seconds);
        configuration.setClientConnectTimeoutMillis(seconds * 1000);
        // It is off by default, and then an append that lost its quorum may never be answered.
        configuration.setAddEntryQuorumTimeout(seconds + 1);
        // One bookie that is slow or gone is not replaced in the midst of a segment as long as the ack quorum answers.
        configuration.setDelayEnsembleChange(true);
        // The client sends nothing more to a bookie that takes nothing, once so much waits for it in memory. Entries
        // that
        // are in flight fill half of that at most, so a bookie misses entries only if it is that far behind the others.
        int mostForABookie = 2 * maxBytesInFlight(options);
        configuration.setClientWriteBufferHighWaterMark(mostForABookie);
        configuration.setClientWriteBufferLowWaterMark(mostForABookie / 2);
        configuration.setWaitTimeoutOnBackpressureMillis(0);
        // What waits is freed with the connection to such a bookie.
        configuration.setTcpUserTimeoutMillis(seconds * 1000);
        // Its own throttle blocks whoever appends, without a bound. What is in flight we limit ourselves.
        configuration.setThrottleValue(0);
        // Otherwise a reader elsewhere learns of a record only with the next one.
        configuration.setExplictLacInterval(LAST_CONFIRMED_MILLIS);
        return configuration;
    }

    private static ZooKeeper zooKeeper(ClientConfiguration configuration, String servers) throws Exception {
        return ZooKeeperClient.newBuilder()
                .connectString(servers)
                .sessionTimeoutMs(configuration.getZkTimeout())
                .connectRetryPolicy(
                        new BoundExponentialBackoffRetryPolicy(FIRST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS, FOR_EVER))
                .operationRetryPolicy(
                        new BoundExponentialBackoffRetryPolicy(FIRST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS, 0))
                .build();
    }

    /**
     * Does something that blocks, in a thread of its own: an interrupt of the caller would cut it short, and it may
     * hang.
     *
     * @param ifLate what becomes of the outcome if it comes when the caller waits no more
     */
    static <T> T bounded(Duration timeout, String what, Callable<T> task, Consumer<T> ifLate) throws IOException {
        return bounded(IN_A_THREAD, timeout, what, task, ifLate);
    }

    static <T> T bounded(Executor threads, Duration timeout, String what, Callable<T> task, Consumer<T> ifLate)
            throws IOException {
        CompletableFuture<T> done = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    done.complete(task.call());
                } catch (Throwable e) {
                    done.completeExceptionally(e);
                }
            });
        } catch (OutOfMemoryError e) {
            throw new IOException(
                    what + ": no thread could be made for it (" + e
                            + "). Look at the limit of threads (ulimit -u, the container's pids) and of memory, and try again.",
                    e);
        }
        return Deadline.after(timeout).await(done, what, ifLate);
    }

    /** Whether a log with these options is in the cluster of this connection. */
    void checkServes(BookKeeperLogOptions options) {
        if (!options.metadataServiceUri().equals(metadataServiceUri)
                || !options.metadataPath().equals(metadataPath)) {
            throw new IllegalArgumentException("the connection is to " + metadataServiceUri + ", " + metadataPath
                    + ", the log in " + options.metadataServiceUri() + ", " + options.metadataPath());
        }
        checkOpen();
    }

    void checkOpen() {
        if (closed.get()) {
            throw new IllegalStateException("the connection is closed: " + metadataServiceUri);
        }
    }

    Duration timeout() {
        return timeout;
    }

    Metadata metadata() {
        return metadata;
    }

    Ledgers ledgers() {
        return ledgers;
    }

    /** Disconnects. Close the logs before: those that are open fail. Idempotent. */
    @Override
    public void close() throws IOException {
        if (closed.getAndSet(true)) {
            return;
        }
        boolean begun = false;
        try {
            bounded(timeout, "disconnecting from " + metadataServiceUri, this::disconnect, done -> {});
            begun = true;
        } catch (LogTimeoutException e) {
            begun = true;
            throw e;
        } finally {
            closed.set(begun); // if it was not, the next call tries again
        }
    }

    /** As {@link #close}, without waiting for it. */
    void closeInBackground() {
        if (!closed.getAndSet(true)) {
            try {
                IN_A_THREAD.execute(this::disconnectQuietly);
            } catch (OutOfMemoryError e) {
                disconnectQuietly(); // without a thread for it, the caller waits
            }
        }
    }

    private void disconnectQuietly() {
        try {
            disconnect();
        } catch (Exception e) {
            LOGGER.log(Level.DEBUG, () -> "disconnecting from " + metadataServiceUri + " failed", e);
        }
    }

    private boolean disconnect() throws Exception {
        try {
            client.close();
        } finally {
            zooKeeper.close();
        }
        return true;
    }
}
