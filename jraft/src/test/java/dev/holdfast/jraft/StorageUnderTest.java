package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.conf.ConfigurationEntry;
import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A storage, opened as by a node, that tests can close and reopen. */
final class StorageUnderTest implements AutoCloseable {
    private final JRaftServiceFactory factory;
    private final Path path;
    private LogStorage storage;
    private ConfigurationManager configurations;

    StorageUnderTest(JRaftServiceFactory factory, Path path) {
        this.factory = factory;
        this.path = path;
        open();
    }

    private void open() {
        storage = factory.createLogStorage(path.toString(), new RaftOptions());
        configurations = new ConfigurationManager();
        assertThat(storage.init(options(configurations))).isTrue();
    }

    /** Opens a storage as a node without earlier configurations does. Returns whether it opens. */
    static boolean opens(LogStorage storage) {
        return storage.init(options(new ConfigurationManager()));
    }

    static LogStorageOptions options(ConfigurationManager configurations) {
        LogStorageOptions options = new LogStorageOptions();
        options.setGroupId("group");
        options.setConfigurationManager(configurations);
        options.setLogEntryCodecFactory(LogEntryV2CodecFactory.getInstance());
        return options;
    }

    LogStorage get() {
        return storage;
    }

    void reopen() {
        storage.shutdown();
        open();
    }

    void append(LogEntry... entries) {
        assertThat(storage.appendEntries(new ArrayList<>(List.of(entries)))).isEqualTo(entries.length);
    }

    void append(List<LogEntry> entries) {
        assertThat(storage.appendEntries(new ArrayList<>(entries))).isEqualTo(entries.size());
    }

    /** Returns the configurations that the storage reported at its last opening, oldest first. */
    List<String> configurations(long lastIndex) {
        List<String> found = new ArrayList<>();
        long before = Long.MAX_VALUE;
        for (long at = lastIndex; at >= 0; at = before - 1) {
            ConfigurationEntry entry = configurations.get(at);
            before = entry.getId().getIndex();
            if (before == 0) {
                break;
            }
            found.add(0, before + "@" + entry.getId().getTerm() + ":" + entry.getConf());
        }
        return found;
    }

    /** Returns the first and the last index, and each entry near them, as texts. */
    List<String> shown(long from, long to) {
        List<String> shown = new ArrayList<>();
        shown.add("first " + storage.getFirstLogIndex() + ", last " + storage.getLastLogIndex());
        for (long index = from; index <= to; index++) {
            LogEntry entry = storage.getEntry(index);
            if (entry != null) {
                assertThat(entry.getId().getIndex()).isEqualTo(index);
                shown.add(index + "@" + term(index) + " " + entry.getType() + " " + entry.getPeers() + " "
                        + (entry.getData() == null
                                ? "none"
                                : entry.getData().remaining() + "#"
                                        + entry.getData().hashCode()));
            } else {
                assertThat(term(index)).isZero();
            }
        }
        return shown;
    }

    @SuppressWarnings("deprecation")
    long term(long index) {
        return storage.getTerm(index);
    }

    @Override
    public void close() {
        storage.shutdown();
    }
}
