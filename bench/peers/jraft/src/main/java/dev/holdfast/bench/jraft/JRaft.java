package dev.holdfast.bench.jraft;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.impl.RocksDBLogStorage;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import java.io.IOException;

/** The log of SOFAJRaft on RocksDB, with {@code sync}. */
public final class JRaft implements Peer {
    @Override
    public Contender open(Opening opening) throws IOException {
        RaftOptions raft = new RaftOptions();
        raft.setSync(opening.survives() == Survives.POWER_LOSS);
        LogStorageOptions options = new LogStorageOptions();
        options.setGroupId("bench");
        options.setConfigurationManager(new ConfigurationManager());
        options.setLogEntryCodecFactory(LogEntryV2CodecFactory.getInstance());
        LogStorage storage = new RocksDBLogStorage(opening.directory().toString(), raft);
        if (!storage.init(options)) {
            throw new IOException("the log cannot be opened in " + opening.directory());
        }
        return new JRaftContender(storage);
    }
}
