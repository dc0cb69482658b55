package dev.holdfast.bench.ratis;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.apache.ratis.conf.RaftProperties;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServerConfigKeys;
import org.apache.ratis.server.raftlog.segmented.SegmentedRaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.util.SizeInBytes;

/** The segmented log of Apache Ratis, which syncs before it completes an append. */
public final class Ratis implements Peer {
    private static final long NOTHING = -1;

    @Override
    public Contender open(Opening opening) throws IOException {
        if (opening.survives() != Survives.POWER_LOSS) {
            throw new UnsupportedOperationException("it always syncs");
        }
        RaftProperties properties = new RaftProperties();
        RaftServerConfigKeys.Log.setSegmentSizeMax(properties, SizeInBytes.valueOf("64MB"));
        RaftServerConfigKeys.Log.setPreallocatedSize(properties, SizeInBytes.valueOf("64MB"));
        RaftServerConfigKeys.Log.setWriteBufferSize(properties, SizeInBytes.valueOf("8MB"));
        RaftServerConfigKeys.Log.setPurgeGap(properties, 1);
        Path directory = opening.directory().resolve("raft");
        boolean exists = Files.exists(directory);
        RaftStorage storage = RaftStorage.newBuilder()
                .setDirectory(directory.toFile())
                .setOption(exists ? RaftStorage.StartupOption.RECOVER : RaftStorage.StartupOption.FORMAT)
                .setLogCorruptionPolicy(RaftServerConfigKeys.Log.CorruptionPolicy.EXCEPTION)
                .setStorageFreeSpaceMin(SizeInBytes.ONE_MB)
                .build();
        storage.initialize();
        SegmentedRaftLog log = SegmentedRaftLog.newBuilder()
                .setMemberId(
                        RaftGroupMemberId.valueOf(RaftPeerId.valueOf("bench"), RaftGroupId.valueOf(new UUID(0, 1))))
                .setStorage(storage)
                .setSnapshotIndexSupplier(() -> NOTHING)
                .setProperties(properties)
                .build();
        log.open(NOTHING, entry -> {});
        return new RatisContender(storage, log);
    }
}
