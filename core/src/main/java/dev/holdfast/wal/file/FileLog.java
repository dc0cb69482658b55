package dev.holdfast.wal.file;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.commit.LogSettings;
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
 * A log in one directory of a local file system. Appends are durable when they return: they survive a crash of the
 * process and a power failure. With {@link Durability#PROCESS_CRASH} they survive only a crash of the process. One
 * process at a time can open the log for writing; any number can open it for reading.
 *
 * <p>The directory contains segments, spares (files for future segments) and a file {@code LOCK}, about 0.5 MiB at
 * first. The log ignores files with other names, but no other program may add or remove files with the name of a
 * segment.
 */
public final class FileLog implements Log {
    private final StoredLog log;
    private final Path directory;
    private final RecoveryReport recovery;

    private FileLog(StoredLog log, Path directory, long startNanos) {
        this.log = log;
        this.directory = directory;
        Duration duration = Duration.ofNanos(System.nanoTime() - startNanos);
        this.recovery = new RecoveryReport(log.opened(), log.atOpening(), directory, duration);
    }

    /** Opens the log in a directory for writing, with the default options of {@link #open(Path, FileLogOptions)}. */
    public static FileLog open(Path directory) throws IOException {
        return open(directory, FileLogOptions.builder().build());
    }

    /**
     * Opens the log in a directory for writing, and recovers the log if it was not closed. If the directory, its
     * parents or the log are missing, they are created, unless {@link FileLogOptions#createIfMissing} is false.
     *
     * @throws dev.holdfast.wal.LogLockedException if another writer has the log open
     * @throws dev.holdfast.wal.CorruptLogException if acknowledged records are damaged or files are missing; nothing
     *     was changed
     * @throws dev.holdfast.wal.UnsupportedFormatException if a newer version of this library wrote the log
     * @throws dev.holdfast.wal.DiskFullException if the disk has no room for a new log
     * @throws dev.holdfast.wal.CallRefusedException if another resource is missing, such as a file descriptor
     * @throws java.nio.file.NoSuchFileException if there is no log and {@code createIfMissing} is false; nothing was
     *     created
     * @throws java.nio.file.FileSystemException if the path is not a directory, or access is not permitted
     */
    public static FileLog open(Path directory, FileLogOptions options) throws IOException {
        long start = System.nanoTime();
        if (!options.createIfMissing()) {
            requireLog(directory);
        }
        DiskStorage storage = DiskStorage.open(directory);
        return new FileLog(StoredLog.open(storage, settings(options), DaemonEnvironment.create()), directory, start);
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
     * Opens the log in a directory for reading, even while another process has it open for writing. Takes no lock, and
     * writes or creates no file. If a writer has the log open, this log returns the records that the writer has synced,
     * and its cursors follow the writer: see G4 in docs/guarantees.md. Otherwise it returns every whole batch, and
     * {@link RecoveryReport#unprovenFrom} names the first record that nothing proves to be synced. Every call that
     * would change the log throws {@link IllegalStateException}.
     *
     * <p>Each call reads the directory again if the last read is more than 100 milliseconds old. Removed records
     * therefore stay readable for at most 100 milliseconds plus the time of one such read. Without calls, nothing is
     * read. If reading the directory fails, reads and cursors throw the exception, and calls that cannot throw an
     * {@link IOException} return their last result. If another log has replaced this log, the exception is a
     * {@link dev.holdfast.wal.RecordsRemovedException}.
     *
     * @throws dev.holdfast.wal.CorruptLogException as {@link #open(Path, FileLogOptions)} does
     * @throws java.nio.file.NoSuchFileException if the directory or the log is missing
     */
    public static FileLog openReadOnly(Path directory) throws IOException {
        long start = System.nanoTime();
        return new FileLog(
                StoredLog.openReadOnly(DiskStorage.openReadOnly(directory), System::nanoTime), directory, start);
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

    /** Returns the result of opening this log. */
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
    public long append(ByteBuffer data, CommitHook hook) throws IOException {
        return log.append(data, hook);
    }

    @Override
    public long append(byte[] data) throws IOException {
        return log.append(data);
    }

    @Override
    public CompletableFuture<Long> appendAsync(ByteBuffer data, CommitHook hook) {
        return log.appendAsync(data, hook);
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
        OptionalLong first = now.firstId();
        String ids = first.isPresent() ? first.getAsLong() + ".." + now.lastId().orElseThrow() : "empty";
        return "FileLog[" + directory + ", " + ids + "]";
    }
}
