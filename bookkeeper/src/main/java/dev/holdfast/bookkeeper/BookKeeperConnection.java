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
 * A client of one BookKeeper cluster. Any number of logs can share this object. It has one session with ZooKeeper, one
 * network connection to each bookie, and a few threads. A log that is opened without a {@code BookKeeperConnection}
 * creates one for itself.
 */
public final class BookKeeperConnection implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger("dev.holdfast.bookkeeper");
    /**
     * Name of the setting for the cluster's root node in ZooKeeper. The setting is deprecated, but BookKeeper's client
     * still reads it if the client is given an existing ZooKeeper handle.
     */
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
     * Connects to the cluster that the options name. Options that concern a single log, such as its name, are ignored.
     *
     * <p>{@link BookKeeperLogOptions#maxBytesInFlight} of these options also limits the bytes that all logs of the
     * connection together have sent and that are not yet acknowledged. A limit below 8 MiB is raised to 8 MiB, and a
     * limit above 512 MiB is lowered to 512 MiB. If a bookie accepts no data, at most twice the limit is kept in memory
     * for that bookie.
     *
     * @throws UnusableClusterException if there is no cluster at the path of the URI, no ZooKeeper server has a known
     *     host name, or this client lacks a permission
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
            // This check comes before the client is created, because a client creates missing nodes at the root.
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

    /**
     * Returns the limit on the bytes that all logs of a connection together have sent and that are not yet
     * acknowledged.
     */
    private static int maxBytesInFlight(BookKeeperLogOptions options) {
        return (int) Math.max(LEAST_BYTES_IN_FLIGHT, Math.min(MOST_BYTES_IN_FLIGHT, options.maxBytesInFlight()));
    }

    static ClientConfiguration configuration(BookKeeperLogOptions options) {
        ClientConfiguration configuration = new ClientConfiguration();
        options.configuration().accept(configuration);
        configuration.setMetadataServiceUri(options.metadataServiceUri());
        // A client that receives a ZooKeeper handle finds the bookies with this setting, and the ledgers' metadata
        // with the URI.
        configuration.setProperty(ZK_LEDGERS_ROOT_PATH, Cluster.rootOf(options.metadataServiceUri()));
        int seconds = (int) Math.max(1, options.timeout().toSeconds() / 8);
        configuration.setAddEntryTimeout(seconds);
        configuration.setReadEntryTimeout(seconds);
        configuration.setClientConnectTimeoutMillis(seconds * 1000);
        // Off by default. Without this timeout, an append that lost its quorum may never be answered.
        configuration.setAddEntryQuorumTimeout(seconds + 1);
        // If a single bookie is slow or gone, it is not replaced within a segment as long as the ack
        // quorum answers.
        configuration.setDelayEnsembleChange(true);
        // The client stops sending to a stalled bookie when this many bytes for it wait in memory. Entries in
        // flight fill at most half of that. So a bookie misses entries only if it is that far behind the others.
        int mostForABookie = 2 * maxBytesInFlight(options);
        configuration.setClientWriteBufferHighWaterMark(mostForABookie);
        configuration.setClientWriteBufferLowWaterMark(mostForABookie / 2);
        configuration.setWaitTimeoutOnBackpressureMillis(0);
        // Closes the connection to a stalled bookie, which frees the bytes that wait for it.
        configuration.setTcpUserTimeoutMillis(seconds * 1000);
        // The client's own throttle would block appending threads without a time limit. We limit the bytes in
        // flight ourselves.
        configuration.setThrottleValue(0);
        // Otherwise a reader in another process would learn of a record only when the next one is written.
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
     * Runs a blocking task on a separate thread and waits for its result. On a separate thread, an interrupt of the
     * caller cannot abort the task, and the caller stops waiting at the timeout even if the task hangs.
     *
     * @param ifLate receives the result if it arrives after the caller has stopped waiting
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
                    what + ": no thread could be made for this call (" + e
                            + "). Check the limits on threads (ulimit -u, the container's pids) and on memory, and try again.",
                    e);
        }
        return Deadline.after(timeout).await(done, what, ifLate);
    }

    /** Checks that these options name the same cluster and metadata path as this connection. */
    void checkServes(BookKeeperLogOptions options) {
        if (!options.metadataServiceUri().equals(metadataServiceUri)
                || !options.metadataPath().equals(metadataPath)) {
            throw new IllegalArgumentException("the connection is to " + metadataServiceUri + ", " + metadataPath
                    + ", but the log is in " + options.metadataServiceUri() + ", " + options.metadataPath());
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

    /** Disconnects. Logs of this connection that are still open fail, so close them first. Idempotent. */
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
            closed.set(begun); // if disconnecting did not begin, the next call tries again
        }
    }

    /** Does the same as {@link #close}, without waiting. */
    void closeInBackground() {
        if (!closed.getAndSet(true)) {
            try {
                IN_A_THREAD.execute(this::disconnectQuietly);
            } catch (OutOfMemoryError e) {
                disconnectQuietly(); // no thread could be created, so the caller disconnects
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
