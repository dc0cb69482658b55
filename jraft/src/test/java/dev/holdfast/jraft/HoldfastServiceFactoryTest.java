package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryDecoder;
import com.alipay.sofa.jraft.entity.codec.LogEntryEncoder;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.storage.RaftMetaStorage;
import com.alipay.sofa.jraft.storage.SnapshotStorage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HoldfastServiceFactoryTest {
    private static final LogEntryCodecFactory CODEC = new LogEntryCodecFactory() {
        @Override
        public LogEntryEncoder encoder() {
            return LogEntryV2CodecFactory.getInstance().encoder();
        }

        @Override
        public LogEntryDecoder decoder() {
            return LogEntryV2CodecFactory.getInstance().decoder();
        }
    };

    @TempDir
    Path parent;

    /** A factory of an application. Its log storage must not be used. */
    private static final class Other extends DefaultJRaftServiceFactory {
        private int snapshots;
        private int votes;

        @Override
        public LogStorage createLogStorage(String uri, RaftOptions raftOptions) {
            throw new AssertionError("unexpected request for a log storage");
        }

        @Override
        public SnapshotStorage createSnapshotStorage(NodeOptions options) {
            snapshots++;
            return super.createSnapshotStorage(options);
        }

        @Override
        public RaftMetaStorage createRaftMetaStorage(String uri, RaftOptions raftOptions) {
            votes++;
            return super.createRaftMetaStorage(uri, raftOptions);
        }

        @Override
        public LogEntryCodecFactory createLogEntryCodecFactory() {
            return CODEC;
        }
    }

    /** A factory of an application that extends Holdfast's. */
    private static final class Extended extends HoldfastServiceFactory {
        Extended() {
            super(64 << 10);
        }

        @Override
        public LogEntryCodecFactory createLogEntryCodecFactory() {
            return CODEC;
        }
    }

    @Test
    void everythingButTheLogComesFromAnotherFactory() {
        Other other = new Other();
        JRaftServiceFactory combined = new HoldfastServiceFactory(other);
        NodeOptions options = new NodeOptions();
        options.setSnapshotUri(parent.resolve("snapshots").toString());
        options.setRaftMetaUri(parent.resolve("votes").toString());
        assertThat(combined.createLogStorage(parent.resolve("log").toString(), new RaftOptions()))
                .isInstanceOf(HoldfastLogStorage.class);
        assertThat(combined.createSnapshotStorage(options)).isNotNull();
        assertThat(combined.createRaftMetaStorage(options.getRaftMetaUri(), new RaftOptions()))
                .isNotNull();
        assertThat(other.snapshots).isEqualTo(1);
        assertThat(other.votes).isEqualTo(1);
        assertThat(combined.createLogEntryCodecFactory()).isSameAs(CODEC);
    }

    @Test
    void factoryCanBeExtended() {
        JRaftServiceFactory extended = new Extended();
        assertThat(extended.createLogStorage(parent.resolve("log").toString(), new RaftOptions()))
                .isInstanceOf(HoldfastLogStorage.class);
        assertThat(extended.createLogEntryCodecFactory()).isSameAs(CODEC);
        assertThat(new HoldfastServiceFactory().createLogEntryCodecFactory())
                .isSameAs(LogEntryV2CodecFactory.getInstance());
    }
}
