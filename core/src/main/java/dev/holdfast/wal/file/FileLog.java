package dev.holdfast.wal.file;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.engine.Environment;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.engine.OpenedLog;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.DiskStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A log in one directory of a local file system. Appends are durable when they return: they survive the end of the
 * process and, unless the log was opened for {@link Durability#PROCESS_CRASH}, power failure. One process at a time
 * writes it; any number read it.
 *
 * <p>The directory holds segments, spares, and a file {@code LOCK}. It begins with about 4 MiB and is the log's alone:
 * files with other names are left alone, but nothing that has a segment's name may be put there or taken away.
 */
public final class FileLog implements Log {
    private final OpenedLog log;
    private final Path directory;
    private final RecoveryReport recovery;

    private FileLog(OpenedLog log, Path directory, long startNanos) {
        this.log = log;
        this.directory = directory;
        this.recovery = new RecoveryReport(log.opened(), directory, Duration.ofNanos(System.nanoTime() - startNanos));
    }

    /** {@link #open(Path, FileLogOptions)} with the default options. */
    public static FileLog open(Path directory) throws IOException {
        return open(directory, FileLogOptions.builder().build());
    }

    /**
     * Opens the log in a directory for writing, after recovering it if it was not closed; makes the directory, its
     * parents and the log where they are missing, unless {@link FileLogOptions#createIfMissing} is false.
     *
     * @throws dev.holdfast.wal.LogLockedException if it is open for writing elsewhere
     * @throws dev.holdfast.wal.CorruptLogException if acknowledged records are damaged or files are missing; nothing
     *     was changed
     * @throws dev.holdfast.wal.UnsupportedFormatException if a newer version of this library wrote it
     * @throws dev.holdfast.wal.DiskFullException if there is no room for a new log
     * @throws dev.holdfast.wal.CallRefusedException if something else is missing, such as a descriptor
     * @throws java.nio.file.NoSuchFileException if there is no log and none may be made; nothing was made
     * @throws java.nio.file.FileSystemException if the path is no directory, or not permitted
     */
    public static FileLog open(Path directory, FileLogOptions options) throws IOException {
        long start = System.nanoTime();
        if (!options.createIfMissing()) {
            requireLog(directory);
        }
        Environment environment = DaemonEnvironment.of(directory.toString());
        return new FileLog(
                StoredLog.open(DiskStorage.open(directory), settings(options), environment), directory, start);
    }

    private static void requireLog(Path directory) throws IOException {
        try (DiskStorage storage = DiskStorage.openReadOnly(directory)) {
            if (!StoredLog.isIn(storage)) {
                throw new NoSuchFileException(
                        directory.toString(),
                        null,
                        "the directory holds no log, and createIfMissing is false; is its volume mounted?");
            }
        }
    }

    /**
     * Opens the log in a directory for reading, whether or not somebody writes it meanwhile: takes no lock, writes
     * nothing and makes no file. Of a log that is open elsewhere it shows records up to the highest id that the disk
     * says is synced, and its cursors follow. Of a log that nobody has open it shows every whole batch;
     * {@link RecoveryReport#unprovenFrom} says from where on nothing proves that they are synced. Every call that would
     * change the log throws {@link IllegalStateException}.
     *
     * <p>Records that were removed are shown for at most 100 milliseconds, and the time of a look at the disk: each
     * call looks again if the last look is older, and nothing looks while no call is made. If a look fails, reads and
     * cursors throw what it threw, and calls that cannot throw an {@link IOException} keep their last answer. If the
     * directory holds another log by then, that is a {@link dev.holdfast.wal.RecordsRemovedException}.
     *
     * @throws dev.holdfast.wal.CorruptLogException as {@link #open(Path, FileLogOptions)}
     * @throws java.nio.file.NoSuchFileException if the directory or the log is missing
     */
    public static FileLog openReadOnly(Path directory) throws IOException {
        long start = System.nanoTime();
        Environment environment = DaemonEnvironment.of(directory.toString());
        LogSettings settings = settings(FileLogOptions.builder().build());
        return new FileLog(
                StoredLog.openReadOnly(DiskStorage.openReadOnly(directory), settings, environment), directory, start);
    }

    private static LogSettings settings(FileLogOptions options) {
        int segmentBytes = options.segmentBytes() / Layout.BLOCK_BYTES * Layout.BLOCK_BYTES;
        return new LogSettings(
                segmentBytes,
                Math.min(Layout.FIRST_SEGMENT_BYTES, segmentBytes),
                options.maxRecordBytes(),
                options.maxBytesInFlight(),
                options.durability() == Durability.POWER_LOSS,
                Layout.ALIGNMENT);
    }

    /** What opening this log found and did. */
    public RecoveryReport recovery() {
        return recovery;
    }

    @Override
    public OptionalLong firstId() {
        return log.firstId();
    }

    @Override
    public OptionalLong lastId() {
        return log.lastId();
    }

    @Override
    public OptionalLong lastDurableId() {
        return log.lastDurableId();
    }

    @Override
    public long nextId() {
        return log.nextId();
    }

    @Override
    public LogCursor cursor(long startId) {
        return log.cursor(startId);
    }

    @Override
    public Optional<LogRecord> read(long id) throws IOException {
        return log.read(id);
    }

    @Override
    public void append(List<LogRecord> records) throws IOException {
        log.append(records);
    }

    @Override
    public long append(ByteBuffer data) throws IOException {
        return log.append(data);
    }

    @Override
    public long append(byte[] data) throws IOException {
        return log.append(data);
    }

    @Override
    public long appendAll(List<ByteBuffer> data) throws IOException {
        return log.appendAll(data);
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records) {
        return log.appendAsync(records);
    }

    @Override
    public CompletableFuture<Long> appendAsync(ByteBuffer data) {
        return log.appendAsync(data);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data) {
        return log.appendAllAsync(data);
    }

    @Override
    public void append(List<LogRecord> records, CommitHook hook) throws IOException {
        log.append(records, hook);
    }

    @Override
    public long appendAll(List<ByteBuffer> data, CommitHook hook) throws IOException {
        return log.appendAll(data, hook);
    }

    @Override
    public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
        return log.appendAsync(records, hook);
    }

    @Override
    public CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook) {
        return log.appendAllAsync(data, hook);
    }

    @Override
    public void truncate(long lastToKeep) throws IOException {
        log.truncate(lastToKeep);
    }

    @Override
    public void trim(long discardUpTo) throws IOException {
        log.trim(discardUpTo);
    }

    @Override
    public void reset(long nextId) throws IOException {
        log.reset(nextId);
    }

    @Override
    public void sync() throws IOException {
        log.sync();
    }

    @Override
    public LogStats stats() {
        return log.stats();
    }

    @Override
    public void close() throws IOException {
        log.close();
    }

    @Override
    public String toString() {
        LogStats now = log.stats();
        String ids = now.firstId().isPresent()
                ? now.firstId().getAsLong() + ".." + now.lastId().orElseThrow()
                : "empty";
        return "FileLog[" + directory + ", " + ids + "]";
    }
}
