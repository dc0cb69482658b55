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
 * How a {@link BookKeeperLog} is opened. Immutable. All but the place and the name of the log may differ from one
 * opening to the next.
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
     * The defaults, to be changed.
     *
     * @param metadataServiceUri where BookKeeper's metadata is, as its servers name it:
     *     {@code zk+hierarchical://host1:2181;host2:2181/ledgers}. Its path is the root at which the bookies were
     *     started; a path at which no bookie ever registered is refused when the log is opened
     * @param logName 1 to 128 letters, digits, underscores, dots and hyphens, beginning with none of the last two
     */
    public static Builder builder(String metadataServiceUri, String logName) {
        return new Builder(metadataServiceUri, logName);
    }

    /** Where BookKeeper's metadata is. */
    public String metadataServiceUri() {
        return metadataServiceUri;
    }

    /** Which of the logs there it is. */
    public String logName() {
        return logName;
    }

    /** The node of the metadata store below which logs are. */
    public String metadataPath() {
        return metadataPath;
    }

    /** How many bookies share a segment. */
    public int ensembleSize() {
        return replication.ensemble();
    }

    /** To how many of them each record goes. */
    public int writeQuorum() {
        return replication.writeQuorum();
    }

    /** How many have to have it before it is acknowledged. */
    public int ackQuorum() {
        return replication.ackQuorum();
    }

    /** How large segments grow, in bytes. */
    public long segmentBytes() {
        return segmentBytes;
    }

    /** The largest record, in bytes of data. */
    public int maxRecordBytes() {
        return maxRecordBytes;
    }

    /** How many bytes of appends may wait to be acknowledged. */
    public long maxBytesInFlight() {
        return maxBytesInFlight;
    }

    /** How long a call waits for the cluster before it fails. */
    public Duration timeout() {
        return timeout;
    }

    /** Whether a log may have this name. */
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

    /** Options being put together. One thread at a time. */
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
                        "metadataServiceUri must be of ZooKeeper, with the root of the cluster,"
                                + " as zk+hierarchical://host1:2181;host2:2181/ledgers, was " + metadataServiceUri);
            }
            if (!isLogName(logName)) {
                throw new IllegalArgumentException("log name must match " + NAME + ", was " + logName);
            }
            this.logName = logName;
        }

        /** The node of the metadata store below which logs are; {@code /holdfast} unless set. */
        public Builder metadataPath(String path) {
            if (!METADATA_PATH.matcher(path).matches()) {
                throw new IllegalArgumentException("metadataPath must match " + METADATA_PATH + ", was " + path);
            }
            metadataPath = path;
            return this;
        }

        /**
         * On how many bookies records are; 3, 3 and 2 unless set. A record survives the loss of {@code ackQuorum - 1}
         * bookies at the moment it is acknowledged, and of {@code writeQuorum - 1} once all have it. With an ensemble
         * larger than the write quorum records are spread. Where there are too few bookies for the ensemble, a segment
         * is made on fewer, down to the ack quorum.
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
         * How large segments, which are BookKeeper's ledgers, grow: trims give space back by whole segments, and each
         * takes some 40 bytes of the log's node in the metadata store, which has room for about 10,000.
         *
         * @param bytes 64 KiB to 1 TiB; 256 MiB unless set
         */
        public Builder segmentBytes(long bytes) {
            segmentBytes = between("segmentBytes", bytes, 64 << 10, 1L << 40);
            return this;
        }

        /**
         * The largest record that is accepted. Larger ones that are in the log already stay readable.
         *
         * @param bytes of data, 1 to {@link LogRecord#MAX_DATA_BYTES}, which it is unless set
         */
        public Builder maxRecordBytes(int bytes) {
            maxRecordBytes = (int) between("maxRecordBytes", bytes, 1, LogRecord.MAX_DATA_BYTES);
            return this;
        }

        /**
         * How many bytes of appends may be in flight, counting 25 a record beside its data: from the call until it
         * returns, or until the continuations of its future have run. Appends beyond that block, and so do, whatever
         * their size, those that bookies would not acknowledge within an eighth of the timeout, at their speed of late.
         * A batch larger than this is admitted alone.
         *
         * <p>An append by a continuation never waits for room, since the thread that runs it makes the room.
         * {@code appendAsync} there may fill the limit once more, and beyond that its future fails with
         * {@link dev.holdfast.wal.CallRefusedException}; {@code append} there is always admitted.
         *
         * @param bytes 1 or more; 64 MiB unless set
         */
        public Builder maxBytesInFlight(long bytes) {
            maxBytesInFlight = between("maxBytesInFlight", bytes, 1, Long.MAX_VALUE);
            return this;
        }

        /**
         * How long the log tries: an append, a removal or an opening that has not come to an end by then fails, and
         * with it, except for an opening, the handle. A call may have to wait behind another one, so it ends within
         * twice this time. Choose it longer than bookies and the metadata store are away when they are restarted.
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
         * What else to tell BookKeeper's client, such as TLS, authentication or placement; called before the settings
         * that the log depends on, which are the time-outs, when to replace a bookie, and that the client does not
         * throttle itself.
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

        /** The options. */
        public BookKeeperLogOptions build() {
            return new BookKeeperLogOptions(this);
        }
    }
}
