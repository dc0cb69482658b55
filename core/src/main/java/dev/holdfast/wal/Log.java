package dev.holdfast.wal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A sequence of binary records with consecutive ids. Records are added at the end; the newest can be removed by
 * {@link #truncate}, the oldest by {@link #trim}.
 *
 * <p><b>Ids</b> run from 0 to {@code Long.MAX_VALUE - 1}. A new log is empty and its next id is 1. The first append to
 * an empty log may choose any id, unless {@link #reset} has fixed it; after that each id is the one before plus 1.
 *
 * <p><b>Threads.</b> Every method is safe from any number of threads, platform or virtual. Appends, truncate, trim,
 * reset, sync and close take effect one after the other, in the order in which they were called. Readers wait for none
 * of them. An interrupt is remembered; it neither ends a wait (except in {@link LogCursor#next(java.time.Duration)})
 * nor harms the log.
 *
 * <p><b>Errors.</b> A caller's mistake is an {@link IllegalArgumentException} or an {@link IllegalStateException} (the
 * log is closed), and nothing has been changed. The world's faults are {@link IOException}s: see
 * {@link CorruptLogException}, {@link LogFailedException}, {@link LogFencedException}, {@link DiskFullException},
 * {@link CallRefusedException}, {@link LogLockedException}, {@link UnsupportedFormatException} and
 * {@link RecordsRemovedException}.
 */
public interface Log extends Closeable {
    /** The largest batch any log accepts, counting 8 bytes for each record beside its data: 1 GiB. */
    long MAX_BATCH_BYTES = 1L << 30;

    /** The id of the oldest record, empty where there are no records. */
    OptionalLong firstId();

    /** The id of the last acknowledged record, which readers see; empty where there are no records. */
    OptionalLong lastId();

    /**
     * Returns the id of the last record that survives power failure, because its sync has returned. It equals
     * {@link #lastId()}, unless the log was opened with less than that durability. Of a log that was opened for reading
     * it is the last record that the files prove durable. Empty if no record is durable, or if there are no records.
     *
     * <p>The default returns {@link #lastId()}: an implementation whose acknowledged records may be lost overrides it.
     */
    default OptionalLong lastDurableId() {
        return lastId();
    }

    /**
     * The id that the next assigned append would get if nothing else happened before: one more than that of the newest
     * record, counting acknowledged records only.
     */
    long nextId();

    /**
     * A cursor that starts at the first record with an id of at least {@code startId}.
     *
     * @param startId 0 or more; it need not exist yet
     * @throws IllegalArgumentException if {@code startId} is negative
     */
    LogCursor cursor(long startId);

    /**
     * Reads one record.
     *
     * @return a copy of the record, or empty if the log does not hold that id
     * @throws IllegalArgumentException if {@code id} is negative
     * @throws CorruptLogException if its bytes do not match their checksum
     */
    Optional<LogRecord> read(long id) throws IOException;

    /**
     * Reads consecutive records in one pass over their bytes. The list begins with the record {@code fromId}. It ends
     * with the newest record, at a limit, before a damaged record, or before a record that is removed meanwhile. All
     * records of the list were in the log at one moment.
     *
     * @param fromId 0 or more
     * @param maxRecords the most records to return, 1 or more
     * @param maxBytes the most bytes of data to return, 1 or more; a first record that is larger is returned alone
     * @return copies of the records; at least one if the log holds {@code fromId}, none if that is beyond the newest
     * @throws IllegalArgumentException if an argument is out of its bounds
     * @throws RecordsRemovedException if {@code fromId} is less than {@link #firstId()}
     * @throws CorruptLogException if record {@code fromId} is damaged
     */
    default List<LogRecord> read(long fromId, int maxRecords, long maxBytes) throws IOException {
        return RangeRead.read(this, fromId, maxRecords, maxBytes);
    }

    /**
     * Appends the given records as {@link #append(List)} does.
     *
     * @throws IllegalArgumentException if no record is given
     */
    default void append(LogRecord... records) throws IOException {
        if (records.length == 0) {
            throw new IllegalArgumentException("append() was called without a record");
        }
        append(List.of(records));
    }

    /**
     * Appends records as one batch and returns once they are durable: they survive process and power failure, all of
     * them or, if the call fails or never returns, all or none. Concurrent calls share one sync. An empty list is no
     * append and costs nothing.
     *
     * <p>A thread that returns from an append may have a permit left: its next {@code LockSupport.park()} may return at
     * once. Code that parks must therefore loop, as the contract of {@code park} demands.
     *
     * @param records consecutive ids, the first being {@link #nextId()}, or any id where the log is empty and was not
     *     {@link #reset}
     * @throws IllegalArgumentException if an id is out of order or the batch exceeds {@link #MAX_BATCH_BYTES}; nothing
     *     was written
     * @throws RecordTooLargeException if a record is larger than the log's limit; nothing was written
     * @throws DiskFullException if there is no room for another segment; nothing was written, the log stays usable
     * @throws CallRefusedException if something else is missing that writing needs; nothing was written, the log stays
     *     usable
     * @throws LogFailedException if writing failed, now or earlier; after reopening all records of the call are found
     *     or none
     */
    void append(List<LogRecord> records) throws IOException;

    /**
     * Appends what remains of {@code data}, whose position is left alone, as a record with the next id. Durability and
     * errors as for {@link #append(List)}.
     *
     * @return the id the log assigned
     */
    default long append(ByteBuffer data) throws IOException {
        return appendAll(List.of(data));
    }

    /** As {@link #append(ByteBuffer)}. */
    default long append(byte[] data) throws IOException {
        return append(ByteBuffer.wrap(data));
    }

    /**
     * Appends each buffer as a record, as one batch with consecutive ids assigned by the log. Durability and errors as
     * for {@link #append(List)}. An empty list is no append.
     *
     * @return the id of the first record; for an empty list {@link #nextId()}
     */
    long appendAll(List<ByteBuffer> data) throws IOException;

    /**
     * Appends records as one batch without waiting: the future completes when they are durable. The bytes have been
     * copied when this returns. Cancelling a future withdraws nothing.
     *
     * <p>Futures complete in id order on a thread of the log that holds no lock, so a continuation may call any method
     * of the log. Continuations are not ordered: {@code thenAccept} on a completed future runs at once on the thread
     * that calls it, possibly before the continuations of smaller ids. Use {@link #appendAsync(List, CommitHook)} to
     * apply records in id order.
     *
     * <p>Blocks while the bytes in flight are at their limit, except in a continuation. An append is in flight until
     * the continuations of its future have run, so slow continuations slow down callers that append.
     *
     * @return a future that fails with the {@link IOException}s of {@link #append(List)}, or with
     *     {@link CallRefusedException} if no thread can be made to complete it, or if continuations append more than
     *     completes; nothing was written
     * @throws IllegalArgumentException as {@link #append(List)}, at once
     */
    CompletableFuture<Void> appendAsync(List<LogRecord> records);

    /** As {@link #append(ByteBuffer)} without waiting, see {@link #appendAsync(List)}. */
    default CompletableFuture<Long> appendAsync(ByteBuffer data) {
        return appendAllAsync(List.of(data));
    }

    /** As {@link #append(byte[])} without waiting, see {@link #appendAsync(List)}. */
    default CompletableFuture<Long> appendAsync(byte[] data) {
        return appendAsync(ByteBuffer.wrap(data));
    }

    /** As {@link #appendAll(List)} without waiting, see {@link #appendAsync(List)}. */
    CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data);

    /**
     * Appends records as {@link #append(List)} does, and runs a hook in id order before it returns.
     *
     * @param hook what to do when the records are committed; {@link CommitHook} has the whole contract
     * @throws CommitHookException if the hook threw; the records are committed
     * @throws IllegalStateException if a hook of this log makes the call; nothing was written
     */
    void append(List<LogRecord> records, CommitHook hook) throws IOException;

    /** Appends a record as {@link #append(ByteBuffer)} does, with a hook as {@link #append(List, CommitHook)}. */
    default long append(ByteBuffer data, CommitHook hook) throws IOException {
        return appendAll(List.of(data), hook);
    }

    /** Appends a batch as {@link #appendAll(List)} does, with a hook as {@link #append(List, CommitHook)}. */
    long appendAll(List<ByteBuffer> data, CommitHook hook) throws IOException;

    /**
     * Appends records as {@link #appendAsync(List)} does, and runs a hook in id order before the future completes. If
     * the hook throws, the future fails with a {@link CommitHookException}.
     *
     * @param hook what to do when the records are committed; {@link CommitHook} has the whole contract
     * @throws IllegalStateException if a hook of this log makes the call, at once; nothing was written
     */
    CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook);

    /** Appends a record without waiting, with a hook, see {@link #appendAsync(List, CommitHook)}. */
    default CompletableFuture<Long> appendAsync(ByteBuffer data, CommitHook hook) {
        return appendAllAsync(List.of(data), hook);
    }

    /** Appends a batch without waiting, with a hook, see {@link #appendAsync(List, CommitHook)}. */
    CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook);

    /**
     * Removes every record with a greater id, durably: whatever happens after this returns, they do not come back.
     * Works on a full disk. Where no record is left, {@link #nextId()} becomes the greater of {@code lastToKeep + 1}
     * and the first id before, and the next explicit append may choose any id. Does nothing where there is no record
     * with a greater id.
     *
     * @param lastToKeep -1 removes all records
     * @throws IllegalArgumentException if {@code lastToKeep} is less than -1
     * @throws LogFailedException if it failed; after reopening the records are all there or all gone
     */
    void truncate(long lastToKeep) throws IOException;

    /**
     * Removes every record up to and including {@code discardUpTo}, or up to the last record if that is less. They are
     * gone for good, also after reopening; their space returns by whole segments. {@link #nextId()} does not change.
     * Where no record is left, the next explicit append may choose any id.
     *
     * @param discardUpTo -1 removes nothing
     * @throws IllegalArgumentException if {@code discardUpTo} is less than -1
     * @throws LogFailedException if it failed; after reopening the trim has happened or not, and never more than asked
     *     for
     */
    void trim(long discardUpTo) throws IOException;

    /**
     * Drops every record; the next record must be {@code nextId}, also after reopening. Atomic: after a crash the log
     * is as before or as after. Works on a full disk.
     *
     * @throws IllegalArgumentException if {@code nextId} is negative or {@code Long.MAX_VALUE}
     * @throws LogFailedException if it failed
     */
    void reset(long nextId) throws IOException;

    /**
     * Makes every acknowledged record survive power failure. They do already, except in a log that was opened for less.
     *
     * @throws LogFailedException if it failed; a sync is never tried twice
     */
    void sync() throws IOException;

    /** An immutable snapshot of the log's figures. Works on a closed log too. */
    LogStats stats();

    /**
     * Waits for appends in flight, marks the log as cleanly closed and gives up its files, its lock and its threads,
     * the lock even if this throws. A failed log is closed without writing. Idempotent. Every later call but
     * {@code close()} and {@link #stats()} throws {@link IllegalStateException}.
     *
     * @throws LogFailedException if writing failed now, or failed before and left acknowledged records that are not
     *     synced, which can only be in a log that was opened for less than power failure
     */
    @Override
    void close() throws IOException;
}
