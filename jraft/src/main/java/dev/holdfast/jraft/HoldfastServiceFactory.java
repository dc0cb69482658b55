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
 * Makes JRaft nodes store their log in Holdfast instead of RocksDB. Snapshots, votes and the codec of entries remain
 * JRaft's own. JRaft finds this factory on the class path by itself. To set it explicitly:
 * {@code nodeOptions.setServiceFactory(new HoldfastServiceFactory())}.
 *
 * <p>An application that already has a factory of its own can make that factory a subclass of this class. Or it can
 * pass its factory to a constructor of this class: everything but the log is then created by the application's factory.
 */
// Above the priority 0 of JRaft's own factory, because an application that adds this module wants to use it.
@SPI(name = "holdfast", priority = 1)
public class HoldfastServiceFactory extends DefaultJRaftServiceFactory {
    private final int segmentBytes;
    private final JRaftServiceFactory others;

    /** Creates a factory for log storages with the default segment size, 64 MiB. */
    public HoldfastServiceFactory() {
        this(FileLogOptions.builder().build().segmentBytes());
    }

    /**
     * Creates a factory for log storages with another segment size. With smaller segments, disk space is freed in
     * smaller units, which suits a process with many Raft groups.
     *
     * @param segmentBytes as {@link dev.holdfast.wal.file.FileLogOptions.Builder#segmentBytes}
     */
    public HoldfastServiceFactory(int segmentBytes) {
        this(segmentBytes, new DefaultJRaftServiceFactory());
    }

    /**
     * Creates a factory that takes the log from Holdfast, with the default segment size, and everything else from
     * another factory.
     *
     * @param others creates snapshot storages, vote storages and codecs; its log storage is not used
     */
    public HoldfastServiceFactory(JRaftServiceFactory others) {
        this(FileLogOptions.builder().build().segmentBytes(), others);
    }

    /**
     * Creates a factory that takes the log from Holdfast and everything else from another factory.
     *
     * @param segmentBytes as {@link dev.holdfast.wal.file.FileLogOptions.Builder#segmentBytes}
     * @param others creates snapshot storages, vote storages and codecs; its log storage is not used
     */
    public HoldfastServiceFactory(int segmentBytes, JRaftServiceFactory others) {
        this.segmentBytes =
                FileLogOptions.builder().segmentBytes(segmentBytes).build().segmentBytes();
        this.others = Objects.requireNonNull(others, "others");
    }

    /**
     * Creates a log storage in a directory. The directory is created when the storage is opened.
     *
     * @param uri the path that was passed to {@code NodeOptions.setLogUri}
     * @param raftOptions if {@code isSync} is true, entries survive power failure; if it is false, they survive only
     *     the end of the process
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
