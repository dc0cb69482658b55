package dev.holdfast.jraft;

import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.option.LogStorageOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import com.alipay.sofa.jraft.util.Describer;
import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.file.Durability;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Implements JRaft's log storage on an {@link EntryLog}. A method that fails returns {@code false}, 0 or null, as JRaft
 * expects, and logs the cause. The node then reports an error and stops.
 *
 * <p>A refusal, for example of an append on a full disk, is not a failure of the storage: the append changes nothing,
 * and appends work again after entries were trimmed. The node, however, enters its error state even after a refusal,
 * and stays in that state until it is restarted.
 *
 * <p>After the first failure the storage refuses every change. The reason: if an entry is damaged and JRaft asks for
 * its term, JRaft treats the entry as missing and may truncate the log there. This storage has noticed the damage, and
 * refuses that truncation.
 */
final class HoldfastLogStorage implements LogStorage, Describer {
    private static final Logger LOG = LoggerFactory.getLogger(HoldfastLogStorage.class);

    // Notes are few and small, so a segment of 1 MiB is not needed.
    private static final int NOTES_SEGMENT_BYTES = 64 << 10;

    private interface Change {
        void make(EntryLog log) throws IOException;
    }

    private record Opened(EntryLog log, LogEntryCodec codec) {}

    private final Path path;
    private final boolean sync;
    private final int segmentBytes;
    private final ReentrantLock openingOrClosing = new ReentrantLock();
    private volatile @Nullable Opened opened;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    // The reason why the last change was refused, or null if it succeeded.
    private volatile @Nullable CallRefusedException refusal;

    HoldfastLogStorage(Path path, boolean sync, int segmentBytes) {
        this.path = path;
        this.sync = sync;
        this.segmentBytes = segmentBytes;
    }

    @Override
    public boolean init(LogStorageOptions options) {
        ConfigurationManager configurations =
                Objects.requireNonNull(options.getConfigurationManager(), "Null conf manager");
        Objects.requireNonNull(options.getLogEntryCodecFactory(), "Null log entry codec factory");
        openingOrClosing.lock();
        try {
            if (opened != null) {
                LOG.warn("The log storage in {} is already open.", path);
                return true;
            }
            if (Files.isRegularFile(path)) {
                throw new IllegalStateException("Invalid log path, it is a regular file: " + path);
            }
            LogEntryCodec codec = new LogEntryCodec(options.getLogEntryCodecFactory());
            EntryLog log = open(codec);
            try {
                for (long index : log.configurations()) {
                    byte[] encoded = log.read(index).orElseThrow();
                    configurations.add(codec.configuration(index, encoded));
                }
            } catch (IOException | RuntimeException | Error e) {
                try {
                    log.close();
                } catch (IOException suppressed) {
                    e.addSuppressed(suppressed);
                }
                throw e;
            }
            failure.set(null);
            refusal = null;
            opened = new Opened(log, codec);
            LOG.info("Opened the log storage in {}: entries {} to {}.", path, log.firstIndex(), log.lastIndex());
            return true;
        } catch (IOException e) {
            LOG.error("Cannot open the log storage in {}: {}{}", path, e.getMessage(), adviceOn(e), e);
            return false;
        } finally {
            openingOrClosing.unlock();
        }
    }

    private EntryLog open(LogEntryCodec codec) throws IOException {
        RocksDbGuard.requireOneLog(path);
        if (RocksDbGuard.holdsRocksDb(path)) {
            throw new IOException(
                    path + " contains the log of a node that runs on RocksDB, which Holdfast cannot read. Copy it "
                            + "with dev.holdfast.jraft.CopyLog and point setLogUri to the copy. Do not start the "
                            + "node on an empty directory: it would vote without the entries that it has acknowledged");
        }
        keepRocksDbOut();
        // Sync notes and pieces in either case, so that no entry survives without its note. They are few.
        return EntryLog.open(
                directory(
                        "entries",
                        FileLogOptions.builder()
                                .segmentBytes(segmentBytes)
                                .durability(sync ? Durability.POWER_LOSS : Durability.PROCESS_CRASH)),
                directory("notes", FileLogOptions.builder().segmentBytes(NOTES_SEGMENT_BYTES)),
                directory("pieces", FileLogOptions.builder().segmentBytes(segmentBytes)),
                codec);
    }

    private void keepRocksDbOut() throws IOException {
        try {
            RocksDbGuard.put(path);
        } catch (IOException e) {
            if (!RocksDbGuard.holdsHoldfast(path)) {
                throw e;
            }
            // The log was created before guards existed, and the disk is full. This must not keep it
            // from being opened.
            LOG.warn("The log storage in {} was opened without its guard against RocksDB: {}", path, e.toString(), e);
        }
    }

    private LogDirectory directory(String name, FileLogOptions.Builder options) {
        return new LogDirectory(path.resolve(name), options.build());
    }

    @Override
    public void shutdown() {
        openingOrClosing.lock();
        try {
            Opened closing = opened;
            opened = null;
            if (closing != null) {
                closing.log().close();
                LOG.info("Closed the log storage in {}.", path);
            }
        } catch (IOException e) {
            LOG.error("The log storage in {} could not be closed cleanly: {}", path, e.getMessage(), e);
        } finally {
            openingOrClosing.unlock();
        }
    }

    private Opened opened() {
        Opened now = opened;
        if (now == null) {
            throw new IllegalStateException("the log storage in " + path + " is not open");
        }
        return now;
    }

    @Override
    public long getFirstLogIndex() {
        return opened().log().firstIndex();
    }

    @Override
    public long getLastLogIndex() {
        return opened().log().lastIndex();
    }

    @Override
    public @Nullable LogEntry getEntry(long index) {
        Opened now = opened();
        try {
            Optional<byte[]> encoded = now.log().read(index);
            return encoded.isPresent() ? now.codec().decode(index, encoded.get()) : null;
        } catch (IOException e) {
            failed("read entry " + index, e);
            return null;
        }
    }

    // JRaft asks the entry for its term instead, but other callers of the storage may use this method.
    @SuppressWarnings("deprecation")
    @Override
    public long getTerm(long index) {
        LogEntry entry = getEntry(index);
        return entry == null ? 0 : entry.getId().getTerm();
    }

    @Override
    public boolean appendEntry(LogEntry entry) {
        return appendEntries(List.of(entry)) == 1;
    }

    @Override
    public int appendEntries(@Nullable List<LogEntry> entries) {
        if (entries == null || entries.isEmpty()) {
            return 0;
        }
        Opened now = opened;
        if (now == null) {
            LOG.warn("The log storage in {} is not open: {} entries were not appended.", path, entries.size());
            return 0;
        }
        List<EncodedEntry> encoded = new ArrayList<>(entries.size());
        for (LogEntry entry : entries) {
            encoded.add(now.codec().encode(entry));
        }
        return change(
                        "append " + entries.size() + " entries from "
                                + encoded.get(0).index() + " on",
                        log -> log.append(encoded))
                ? entries.size()
                : 0;
    }

    @Override
    public boolean truncatePrefix(long firstIndexKept) {
        return change("remove the entries before " + firstIndexKept, log -> log.cutPrefix(firstIndexKept));
    }

    @Override
    public boolean truncateSuffix(long lastIndexKept) {
        return change("remove the entries after " + lastIndexKept, log -> log.cutSuffix(lastIndexKept));
    }

    @Override
    public boolean reset(long nextLogIndex) {
        if (nextLogIndex <= 0) {
            throw new IllegalArgumentException("Invalid next log index: " + nextLogIndex);
        }
        return change("reset the log to index " + nextLogIndex, log -> log.reset(nextLogIndex));
    }

    private boolean change(String what, Change change) {
        Opened now = opened;
        if (now == null) {
            LOG.warn("The log storage in {} is not open: cannot {}.", path, what);
            return false;
        }
        Exception earlier = failure.get();
        if (earlier != null) {
            LOG.error(
                    "The log storage in {} has failed and changes nothing until the node is restarted: cannot {}. The first failure: {}",
                    path,
                    what,
                    earlier.toString());
            return false;
        }
        try {
            change.make(now.log());
            refusal = null;
            return true;
        } catch (CallRefusedException e) {
            refusal = e;
            LOG.error(
                    "Cannot {} in {}: {} The node enters its error state and stays in it: remove the cause, then restart the node.",
                    what,
                    path + File.separator,
                    e.getMessage(),
                    e);
            return false;
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            failed(what, e);
            return false;
        }
    }

    private void failed(String what, Exception e) {
        // A later failure may be a consequence of the first. The first one is what an operator needs to know.
        failure.compareAndSet(null, e);
        LOG.error(
                "Cannot {} in {}. The log storage changes nothing until the node is restarted: {}{}",
                what,
                path + File.separator,
                e.getMessage(),
                adviceOn(e),
                e);
    }

    /**
     * Returns additional advice if the exception reports a damaged log; otherwise an empty text. The exception's own
     * message suggests a repair, which is right for a standalone log. But a voting node with a repaired log would lack
     * entries that it has acknowledged.
     */
    private static String adviceOn(Exception e) {
        return e instanceof CorruptLogException
                ? " This is the log of a Raft node: never repair it if the node will vote again, because "
                        + "the group relies on every entry that the node has acknowledged. Remove the node from "
                        + "its group, delete its log, its votes and its snapshots, and add it again."
                : "";
    }

    @Override
    public void describe(Printer out) {
        Opened now = opened;
        out.print("HoldfastLogStorage in ").print(path).print(sync ? ", every append synced" : ", appends not synced");
        out.print(": ").println(now == null ? "not open" : now.log());
        Exception earlier = failure.get();
        if (earlier != null) {
            out.print("  failed: ").println(earlier);
        }
        CallRefusedException refused = refusal;
        if (refused != null) {
            out.print("  refused: ").println(refused);
        }
    }
}
