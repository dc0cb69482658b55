package dev.holdfast.jraft;

import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.util.SPI;
import dev.holdfast.wal.file.FileLogOptions;
import java.nio.file.Path;

/**
 * Makes JRaft nodes keep their log in Holdfast instead of RocksDB; snapshots, votes and the codec of entries stay JRaft's own. With this on the class path a node
 * takes it by itself. To say it: {@code nodeOptions.setServiceFactory(new HoldfastServiceFactory())}.
 */
// Above JRaft's own, whose priority is 0: who adds this module wants it.
@SPI(name = "holdfast", priority = 1)
public final class HoldfastServiceFactory extends DefaultJRaftServiceFactory {
    private final int segmentBytes;

    /** Storages with segments of the usual size, 64 MiB. */
    public HoldfastServiceFactory() {
        this(FileLogOptions.builder().build().segmentBytes());
    }

    /**
     * Storages with segments of another size: smaller ones give space back in smaller parts, which is what a process with many groups may want.
     *
     * @param segmentBytes as {@link dev.holdfast.wal.file.FileLogOptions.Builder#segmentBytes}
     */
    public HoldfastServiceFactory(int segmentBytes) {
        this.segmentBytes =
                FileLogOptions.builder().segmentBytes(segmentBytes).build().segmentBytes();
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
}
