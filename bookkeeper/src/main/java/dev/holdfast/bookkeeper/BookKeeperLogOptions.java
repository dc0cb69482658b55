package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Ledgers.Replication;
import dev.holdfast.wal.LogRecord;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.bookkeeper.conf.ClientConfiguration;

/**
 * Options for opening a {@link BookKeeperLog}. Immutable. The metadata service URI, the metadata path and the log name
 * identify a log. All other options may change from one opening to the next.
 */
public final class BookKeeperLogOptions {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
    private static final Pattern METADATA_SERVICE_URI =
            Pattern.compile("zk(\\+(hierarchical|longhierarchical|flat|null))?://[^/]+(/[^/]+)+");
    private static final Pattern METADATA_PATH = Pattern.compile("(/[A-Za-z0-9_][A-Za-z0-9._-]*)+");

    private final String metadataServiceUri;
    private final String logName;
    private final String metadataPath;
    private final Replication replication;
    private final long segmentBytes;
    private final int maxRecordBytes;
    private final long maxBytesInFlight;
    private final Duration timeout;
    private final Consumer<ClientConfiguration> configuration;

    private BookKeeperLogOptions(Builder builder) {
        metadataServiceUri = builder.metadataServiceUri;
        logName = builder.logName;
        metadataPath = builder.metadataPath;
        replication = builder.replication;
        segmentBytes = builder.segmentBytes;
        maxRecordBytes = builder.maxRecordBytes;
        maxBytesInFlight = builder.maxBytesInFlight;
        timeout = builder.timeout;
        configuration = builder.configuration;
    }

    /**
     * Returns a builder with the default options.
     *
     * @param metadataServiceUri URI of BookKeeper's metadata, as in the configuration of the bookies:
     *     {@code zk+hierarchical://host1:2181;host2:2181/ledgers}. The path of the URI is the ZooKeeper root node that
     *     is configured for the bookies. Opening a log fails if no bookie has ever registered at this path
     * @param logName 1 to 128 letters, digits, underscores, dots and hyphens; the first is neither a dot nor a hyphen
     */
    public static Builder builder(String metadataServiceUri, String logName) {
        return new Builder(metadataServiceUri, logName);
    }

    /** Returns the URI of BookKeeper's metadata. */
    public String metadataServiceUri() {
        return metadataServiceUri;
    }

    /** Returns the name of the log. */
    public String logName() {
        return logName;
    }

    /** Returns the path of the node in the metadata store that has one child node per log. */
    public String metadataPath() {
        return metadataPath;
    }

    /** Returns the ensemble size: the number of bookies among which the records of a segment are spread. */
    public int ensembleSize() {
        return replication.ensemble();
    }

    /** Returns the number of bookies that receive each record. */
    public int writeQuorum() {
        return replication.writeQuorum();
    }

    /** Returns the number of bookies that must have stored a record before it is acknowledged. */
    public int ackQuorum() {
        return replication.ackQuorum();
    }

    /** Returns the size, in bytes, at which a segment is full and the next segment begins. */
    public long segmentBytes() {
        return segmentBytes;
    }

    /** Returns the size limit of a record, in bytes of data. */
    public int maxRecordBytes() {
        return maxRecordBytes;
    }

    /** Returns the limit on bytes of appends that are not yet acknowledged. */
    public long maxBytesInFlight() {
        return maxBytesInFlight;
    }

    /** Returns how long a call tries to reach the cluster before it fails. */
    public Duration timeout() {
        return timeout;
    }

    /** Returns whether {@code name} is a valid name of a log. */
    static boolean isLogName(String name) {
        return NAME.matcher(name).matches();
    }

    Replication replication() {
        return replication;
    }

    Consumer<ClientConfiguration> configuration() {
        return configuration;
    }

    Writer.Settings writerSettings() {
        return new Writer.Settings(logName, replication, segmentBytes, maxBytesInFlight, timeout);
    }

    @Override
    public String toString() {
        return "BookKeeperLogOptions[metadataServiceUri=" + metadataServiceUri + ", metadataPath=" + metadataPath
                + ", logName=" + logName + ", " + replication + ", segmentBytes=" + segmentBytes + ", maxRecordBytes="
                + maxRecordBytes + ", maxBytesInFlight=" + maxBytesInFlight + ", timeout=" + timeout + "]";
    }

    /** Builds options. Not thread-safe. */
    public static final class Builder {
        private static final Duration SHORTEST_TIMEOUT = Duration.ofSeconds(4);
        private static final Duration LONGEST_TIMEOUT = Duration.ofHours(1);

        private final String metadataServiceUri;
        private final String logName;
        private String metadataPath = "/holdfast";
        private Replication replication = new Replication(3, 3, 2);
        private long segmentBytes = 256L << 20;
        private int maxRecordBytes = LogRecord.MAX_DATA_BYTES;
        private long maxBytesInFlight = 64L << 20;
        private Duration timeout = Duration.ofSeconds(60);
        private Consumer<ClientConfiguration> configuration = ignored -> {};

        private Builder(String metadataServiceUri, String logName) {
            this.metadataServiceUri = URI.create(metadataServiceUri).toString();
            if (!METADATA_SERVICE_URI.matcher(metadataServiceUri).matches()) {
                throw new IllegalArgumentException(
                        "metadataServiceUri must name ZooKeeper servers and the root of the cluster, for example"
                                + " zk+hierarchical://host1:2181;host2:2181/ledgers, was " + metadataServiceUri);
            }
            if (!isLogName(logName)) {
                throw new IllegalArgumentException("log name must match " + NAME + ", was " + logName);
            }
            this.logName = logName;
        }

        /**
         * Sets the path of the node in the metadata store that has one child node per log; {@code /holdfast} unless
         * set.
         */
        public Builder metadataPath(String path) {
            if (!METADATA_PATH.matcher(path).matches()) {
                throw new IllegalArgumentException("metadataPath must match " + METADATA_PATH + ", was " + path);
            }
            metadataPath = path;
            return this;
        }

        /**
         * Sets the replication of new segments; ensemble size 3, write quorum 3 and ack quorum 2 unless set. The
         * ensemble is the bookies of a segment. Each record is sent to a write quorum of them, and acknowledged when an
         * ack quorum has stored it. A record that was just acknowledged survives the loss of {@code ackQuorum - 1}
         * bookies. Once its whole write quorum has stored it, the record survives the loss of {@code writeQuorum - 1}
         * bookies. If the ensemble is larger than the write quorum, records are spread over the bookies of the
         * ensemble. If fewer bookies are running than {@code ensembleSize}, a segment is created on fewer bookies, but
         * at least on an ack quorum.
         *
         * @param ensembleSize at least the write quorum
         * @param writeQuorum at least the ack quorum
         * @param ackQuorum at least 1
         */
        public Builder replication(int ensembleSize, int writeQuorum, int ackQuorum) {
            if (ackQuorum < 1 || writeQuorum < ackQuorum || ensembleSize < writeQuorum) {
                throw new IllegalArgumentException(
                        "replication must be ensembleSize >= writeQuorum >= ackQuorum >= 1, was " + ensembleSize + ", "
                                + writeQuorum + ", " + ackQuorum);
            }
            replication = new Replication(ensembleSize, writeQuorum, ackQuorum);
            return this;
        }

        /**
         * Sets the size at which a segment is full and the next segment begins. A segment is one BookKeeper ledger. A
         * trim frees space only in whole segments. Each segment takes about 40 bytes in the log's node in the metadata
         * store, which has room for about 10,000 segments.
         *
         * @param bytes 64 KiB to 1 TiB; 256 MiB unless set
         */
        public Builder segmentBytes(long bytes) {
            segmentBytes = between("segmentBytes", bytes, 64 << 10, 1L << 40);
            return this;
        }

        /**
         * Sets the size limit of appended records. Larger records that are already in the log stay readable.
         *
         * @param bytes bytes of data, 1 to {@link LogRecord#MAX_DATA_BYTES}, which is the default
         */
        public Builder maxRecordBytes(int bytes) {
            maxRecordBytes = (int) between("maxRecordBytes", bytes, 1, LogRecord.MAX_DATA_BYTES);
            return this;
        }

        /**
         * Limits the bytes of appends in flight. Each record counts as its data plus 25 bytes. A blocking append is in
         * flight until it returns, and an asynchronous append until the continuations of its future have run.
         *
         * <p>An append that would exceed the limit blocks. An append of any size also blocks while the bookies, at
         * their recent speed, would need more than an eighth of the timeout to acknowledge the appends in flight. A
         * batch larger than the limit is admitted when nothing else is in flight.
         *
         * <p>An append that a future's continuation makes never waits for room, because the thread that runs
         * continuations also releases room. From a continuation, {@code appendAsync} is admitted up to twice the limit;
         * beyond that, its future fails with {@link dev.holdfast.wal.CallRefusedException}. {@code append} from a
         * continuation is always admitted.
         *
         * @param bytes 1 or more; 64 MiB unless set
         */
        public Builder maxBytesInFlight(long bytes) {
            maxBytesInFlight = between("maxBytesInFlight", bytes, 1, Long.MAX_VALUE);
            return this;
        }

        /**
         * Sets the time limit of an append, truncate, trim, reset or opening. An operation that is not complete at the
         * limit fails and, unless it is an opening, the log handle fails too. An operation may first wait for the
         * previous operation, so a call ends within twice this time. Choose a timeout longer than a restart of the
         * bookies and of the metadata store takes.
         *
         * @param limit 4 seconds to 1 hour; 60 seconds unless set
         */
        public Builder timeout(Duration limit) {
            if (limit.compareTo(SHORTEST_TIMEOUT) < 0 || limit.compareTo(LONGEST_TIMEOUT) > 0) {
                throw new IllegalArgumentException(
                        "timeout must be " + SHORTEST_TIMEOUT + " to " + LONGEST_TIMEOUT + ", was " + limit);
            }
            timeout = limit;
            return this;
        }

        /**
         * Sets a callback that configures BookKeeper's client further, for example TLS, authentication or placement.
         * The log then overrides the settings on which it depends: the timeouts, the replacement of bookies, and the
         * client's throttle, which it turns off.
         */
        public Builder client(Consumer<ClientConfiguration> settings) {
            configuration = Objects.requireNonNull(settings, "client");
            return this;
        }

        private static long between(String name, long value, long least, long most) {
            if (value < least || value > most) {
                throw new IllegalArgumentException(name + " must be " + least + " to " + most + ", was " + value);
            }
            return value;
        }

        /** Returns the options. */
        public BookKeeperLogOptions build() {
            return new BookKeeperLogOptions(this);
        }
    }
}
