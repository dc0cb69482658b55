package dev.holdfast.jraft;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies the log of a stopped node from RocksDB to Holdfast or back: {@code java -cp ... dev.holdfast.jraft.CopyLog
 * SOURCE TARGET}. Detects the storage of the source, and creates the target with the other storage. The target must not
 * exist. RocksDB must be on the class path.
 */
public final class CopyLog {
    private static final int BATCH_ENTRIES = 256;
    private static final int BATCH_BYTES = 4 << 20;

    private CopyLog() {}

    /**
     * Runs the command. The exit code is 0 if the target now holds the same entries as the source, 1 if the copy
     * failed, with the reason on the standard error stream, and 2 if the command was used wrongly.
     */
    public static void main(String[] arguments) {
        if (arguments.length != 2) {
            System.err.println("usage: CopyLog SOURCE TARGET");
            System.exit(2);
        }
        try {
            System.out.println(copy(Path.of(arguments[0]), Path.of(arguments[1])));
        } catch (IOException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /**
     * Copies a log, then reads and compares both logs. The copy is assembled beside the target as
     * {@code TARGET.partial}. The copy is renamed to {@code TARGET} when it is complete and durable, so that no node is
     * ever started on a log that ends earlier than its source.
     *
     * @return a description of what was copied
     * @throws IOException if the source has no log, or logs of both Holdfast and RocksDB; if the target, or the
     *     remainder of an earlier copy, exists; or if a log cannot be read or written. In all cases the target is not
     *     created, and the source is unchanged
     */
    public static String copy(Path source, Path target) throws IOException {
        return copy(source, target, new HoldfastServiceFactory().createLogEntryCodecFactory());
    }

    static String copy(Path source, Path target, LogEntryCodecFactory codec) throws IOException {
        RocksDbGuard.requireOneLog(source);
        boolean fromRocksDb = RocksDbGuard.holdsRocksDb(source);
        if (!fromRocksDb && !LogDirectory.holdsSegment(source.resolve("entries"))) {
            throw new IOException(source + " contains neither a log of RocksDB nor one of Holdfast");
        }
        UnnamedCopy unnamed = UnnamedCopy.begin(target);
        try {
            String copied = copy(source, unnamed.path(), fromRocksDb, codec);
            unnamed.publish();
            return copied + " in " + target + ". Both were read and are equal.";
        } catch (IOException | RuntimeException | Error e) {
            unnamed.remove(e);
            throw e;
        }
    }

    /** Copies a log, and compares the copy with the source. On return both logs are closed. */
    private static String copy(Path source, Path target, boolean fromRocksDb, LogEntryCodecFactory codec)
            throws IOException {
        JRaftServiceFactory rocksDb = new DefaultJRaftServiceFactory();
        JRaftServiceFactory holdfast = new HoldfastServiceFactory();
        LogStorage from = (fromRocksDb ? rocksDb : holdfast).createLogStorage(source.toString(), new RaftOptions());
        open(from, source, codec);
        try {
            LogStorage to = (fromRocksDb ? holdfast : rocksDb).createLogStorage(target.toString(), new RaftOptions());
            open(to, target, codec);
            try {
                copy(from, source, to, target);
                compare(from, to, target);
                return "Copied entries " + to.getFirstLogIndex() + " to " + to.getLastLogIndex() + " from "
                        + (fromRocksDb ? "RocksDB in " : "Holdfast in ") + source + " to "
                        + (fromRocksDb ? "Holdfast" : "RocksDB");
            } finally {
                to.shutdown();
            }
        } finally {
            from.shutdown();
        }
    }

    private static void open(LogStorage storage, Path path, LogEntryCodecFactory codec) throws IOException {
        LogStorageOptions options = new LogStorageOptions();
        options.setGroupId("copy");
        options.setConfigurationManager(new ConfigurationManager());
        options.setLogEntryCodecFactory(codec);
        if (!storage.init(options)) {
            throw new IOException("the log in " + path
                    + " cannot be opened; the log output has the reason. Is the node still running?");
        }
    }

    private static void copy(LogStorage from, Path source, LogStorage to, Path target) throws IOException {
        long first = from.getFirstLogIndex();
        List<LogEntry> batch = new ArrayList<>();
        long bytes = 0;
        for (long index = first; index <= from.getLastLogIndex(); index++) {
            LogEntry entry = from.getEntry(index);
            if (entry == null) {
                throw new IOException(
                        "entry " + index + " in " + source + " cannot be read, though the log has entries "
                                + first + " to " + from.getLastLogIndex()
                                + ": the log is damaged. Let the node get it from its group instead");
            }
            batch.add(entry);
            bytes += entry.getData() == null ? 0 : entry.getData().remaining();
            if (batch.size() == BATCH_ENTRIES || bytes >= BATCH_BYTES || index == from.getLastLogIndex()) {
                int count = batch.size();
                if (to.appendEntries(batch) != count) {
                    throw new IOException("entries up to " + index + " cannot be written to " + target
                            + "; the log output has the reason");
                }
                batch = new ArrayList<>();
                bytes = 0;
            }
        }
        // Needed if there are no entries: the copy must keep the first index.
        if (!to.truncatePrefix(first)) {
            throw new IOException(
                    "the first index " + first + " cannot be written to " + target + "; the log output has the reason");
        }
    }

    private static void compare(LogStorage from, LogStorage to, Path target) throws IOException {
        if (from.getFirstLogIndex() != to.getFirstLogIndex() || from.getLastLogIndex() != to.getLastLogIndex()) {
            throw new IOException(target + " has entries " + to.getFirstLogIndex() + " to " + to.getLastLogIndex()
                    + ", expected " + from.getFirstLogIndex() + " to " + from.getLastLogIndex());
        }
        for (long index = from.getFirstLogIndex(); index <= from.getLastLogIndex(); index++) {
            LogEntry entry = from.getEntry(index);
            if (entry == null || !entry.equals(to.getEntry(index))) {
                throw new IOException("entry " + index + " in " + target + " differs from the entry in the source");
            }
        }
    }
}
