package dev.holdfast.jraft;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import com.alipay.sofa.jraft.util.SPI;
import dev.holdfast.wal.file.FileLogOptions;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Makes JRaft nodes keep their log in Holdfast instead of RocksDB; snapshots, votes and the codec of entries stay
 * JRaft's own. With this on the class path a node takes it by itself. To say it:
 * {@code nodeOptions.setServiceFactory(new HoldfastServiceFactory())}.
 *
 * <p>An application that has a factory already combines the two: this class can be extended, and it can take everything
 * but the log from another factory.
 */
// Above JRaft's own, whose priority is 0: who adds this module wants it.
@SPI(name = "holdfast", priority = 1)
public class HoldfastServiceFactory extends DefaultJRaftServiceFactory {
    private final int segmentBytes;
    private final JRaftServiceFactory others;

    /** Storages with segments of the usual size, 64 MiB. */
    public HoldfastServiceFactory() {
        this(FileLogOptions.builder().build().segmentBytes());
    }

    /**
     * Storages with segments of another size: smaller ones give space back in smaller parts, which is what a process
     * with many groups may want.
     *
     * @param segmentBytes as {@link dev.holdfast.wal.file.FileLogOptions.Builder#segmentBytes}
     */
    public HoldfastServiceFactory(int segmentBytes) {
        this(segmentBytes, new DefaultJRaftServiceFactory());
    }

    /**
     * Takes the log from Holdfast, in segments of the usual size, and everything else from another factory.
     *
     * @param others makes snapshot storages, vote storages and codecs; it is not asked for log storages
     */
    public HoldfastServiceFactory(JRaftServiceFactory others) {
        this(FileLogOptions.builder().build().segmentBytes(), others);
    }

    /**
     * Takes the log from Holdfast and everything else from another factory.
     *
     * @param segmentBytes as {@link dev.holdfast.wal.file.FileLogOptions.Builder#segmentBytes}
     * @param others makes snapshot storages, vote storages and codecs; it is not asked for log storages
     */
    public HoldfastServiceFactory(int segmentBytes, JRaftServiceFactory others) {
        this.segmentBytes =
                FileLogOptions.builder().segmentBytes(segmentBytes).build().segmentBytes();
        this.others = Objects.requireNonNull(others, "others");
    }

    /**
     * A log storage in a directory, which is made where it is missing.
     *
     * @param uri the path that was given to {@code NodeOptions.setLogUri}
     * @param raftOptions {@code isSync} says whether an entry survives power failure or only the end of the process
     * @throws IllegalArgumentException if {@code uri} is blank
     */
    @Override
    public LogStorage createLogStorage(String uri, RaftOptions raftOptions) {
        if (uri == null || uri.isBlank()) {
            throw new IllegalArgumentException("Blank log storage uri.");
        }
        return new HoldfastLogStorage(Path.of(uri), raftOptions.isSync(), segmentBytes);
    }

    @Override
    public SnapshotStorage createSnapshotStorage(NodeOptions options) {
        return others.createSnapshotStorage(options);
    }

    @Override
    public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions raftOptions) {
        return others.createRaftMetaStorage(uri, raftOptions);
    }

    @Override
    public LogEntryCodecFactory createLogEntryCodecFactory() {
        return others.createLogEntryCodecFactory();
    }
}
