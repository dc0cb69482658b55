package dev.holdfast.wal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * A sequence of binary records with consecutive ids. Appends add records at the end. {@link #truncate} removes the
 * newest records, {@link #trim} the oldest.
 *
 * <p><b>Ids</b> run from 0 to {@code Long.MAX_VALUE - 1}. A new log is empty and its next id is 1. The first append to
 * an empty log may choose any id, unless {@link #reset} has fixed it. Each later id is the id before plus 1.
 *
 * <p><b>Threads.</b> Every method is safe from any number of threads, platform or virtual. Appends, truncate, trim,
 * reset, sync and close take effect one after the other, in the order of the calls. Readers wait for none of them. If a
 * waiting thread is interrupted, it keeps waiting and its interrupt flag stays set; the log is not harmed. Only
 * {@link LogCursor#next(java.time.Duration)} ends its wait.
 *
 * <p><b>Errors.</b> A caller's mistake throws an {@link IllegalArgumentException}, and a call of a closed log an
 * {@link IllegalStateException}; neither changes anything. Faults outside the program are {@link LogException}s, whose
 * subclasses say what happened, or other {@link IOException}s.
 */
public interface Log extends Closeable {
    /** Maximum size of a batch: 1 GiB, counting the data and 8 bytes for each record. */
    long MAX_BATCH_BYTES = 1L << 30;

    /** Returns the id of the oldest record; empty if there are no records. */
    OptionalLong firstId();

    /** Returns the id of the last acknowledged record, which readers see; empty if there are no records. */
    OptionalLong lastId();

    /**
     * Returns the id of the last record that survives power failure, because its sync has returned; empty if there is
     * none. Differs from {@link #lastId()} only in a log that acknowledges records before it syncs them, and in a log
     * opened for reading. In the latter, it is the last record that the files prove durable.
     *
     * <p>The default returns {@link #lastId()}. A log that may lose acknowledged records overrides it.
     */
    default OptionalLong lastDurableId() {
        return lastId();
    }

    /** Returns the id after the last acknowledged record. An append already in flight may take this id. */
    long nextId();

    /**
     * Returns a cursor that starts at the first record with an id of at least {@code startId}.
     *
     * @param startId 0 or more; the record need not exist yet
     * @throws IllegalArgumentException if {@code startId} is negative
     */
    LogCursor cursor(long startId);

    /**
     * Reads one record.
     *
     * @return a copy of the record, or empty if the log does not hold that id
     * @throws IllegalArgumentException if {@code id} is negative
     * @throws CorruptLogException if the record is damaged
     */
    Optional<LogRecord> read(long id) throws IOException;

    /**
     * Reads consecutive records from {@code fromId} on, in one pass over their bytes. The list ends with the newest
     * record, at a limit, before a damaged record, or before a record that was removed during the call. All records of
     * the list were in the log at the same moment.
     *
     * @param fromId 0 or more
     * @param maxRecords the most records to return, 1 or more
     * @param maxBytes the most bytes of data to return, 1 or more; a larger first record is returned alone
     * @return copies of the records: at least one if the log holds {@code fromId}, none if {@link #lastId()} is smaller
     * @throws IllegalArgumentException if an argument is out of its bounds
     * @throws RecordsRemovedException if {@code fromId} is less than {@link #firstId()}
     * @throws CorruptLogException if record {@code fromId} is damaged
     */
    default List<LogRecord> read(long fromId, int maxRecords, long maxBytes) throws IOException {
        if (maxRecords < 1) throw new IllegalArgumentException("maxRecords must be >= 1, was " + maxRecords);
        if (maxBytes < 1) throw new IllegalArgumentException("maxBytes must be >= 1, was " + maxBytes);
        // A cursor returns no record that a truncate has removed or replaced.
        try (LogCursor cursor = cursor(fromId)) {
            requireHeld(fromId, firstId().orElse(fromId));
            List<LogRecord> records = new ArrayList<>();
            if (!cursor.next()) return records;
            requireHeld(fromId, cursor.id()); // a trim may have removed records since
            long bytesLeft = maxBytes;
            try {
                do {
                    records.add(cursor.record());
                    bytesLeft -= cursor.data().remaining();
                } while (records.size() < maxRecords
                        && cursor.next()
                        && cursor.data().remaining() <= bytesLeft);
            } catch (RecordsRemovedException | CorruptLogException e) {
                return records; // the next record was removed or is damaged
            }
            return records;
        }
    }

    private static void requireHeld(long fromId, long firstId) throws RecordsRemovedException {
        if (fromId < firstId) {
            throw new RecordsRemovedException(
                    "record " + fromId + " was removed or never existed: the log begins at record " + firstId
                            + ". Read from there, or restore the records before it from a copy.",
                    fromId,
                    firstId - 1);
        }
    }

    /**
     * Appends the given records as {@link #append(List)} does.
     *
     * @throws IllegalArgumentException if no record is given
     */
    default void append(LogRecord... records) throws IOException {
        if (records.length == 0) throw new IllegalArgumentException("append() was called without a record");
        append(List.of(records));
    }

    /**
     * Appends records as one batch, and returns when they are durable: they survive the end of the process and power
     * failure. If the call fails or never returns, the log holds either all records of the batch or none. Concurrent
     * calls share one sync. An empty list appends nothing and costs nothing.
     *
     * <p>A thread that returns from an append may have a permit left: its next {@code LockSupport.park()} may return at
     * once. Code that parks must therefore loop, as the contract of {@code park} demands.
     *
     * @param records consecutive ids from {@link #nextId()} on, or from any id if the log is empty and was not
     *     {@link #reset}
     * @throws IllegalArgumentException if an id is out of order or the batch exceeds {@link #MAX_BATCH_BYTES}; nothing
     *     was written
     * @throws RecordTooLargeException if a record exceeds the log's limit; nothing was written
     * @throws DiskFullException if the disk has no room; the log holds none of the records and stays usable
     * @throws CallRefusedException if another resource is missing; nothing was written, the log stays usable
     * @throws LogFailedException if writing failed, now or earlier; after reopening, the log holds all records of the
     *     batch or none
     */
    default void append(List<LogRecord> records) throws IOException {
        append(records, CommitHook.NONE);
    }

    /**
     * Appends the remaining bytes of {@code data} as a record with the next id. Leaves the buffer's position alone.
     * Durability and errors are those of {@link #append(List)}.
     *
     * @return the id that the log assigned
     */
    default long append(ByteBuffer data) throws IOException {
        return append(data, CommitHook.NONE);
    }

    /** Appends a record as {@link #append(ByteBuffer)} does. */
    default long append(byte[] data) throws IOException {
        return append(ByteBuffer.wrap(data));
    }

    /**
     * Appends each buffer as a record, as one batch with ids that the log assigns. Durability and errors are those of
     * {@link #append(List)}. An empty list appends nothing.
     *
     * @return the id of the first record; {@link #nextId()} for an empty list
     */
    default long appendAll(List<ByteBuffer> data) throws IOException {
        return appendAll(data, CommitHook.NONE);
    }

    /**
     * Appends records as one batch without waiting: the future completes when they are durable. The bytes have been
     * copied when this method returns. Cancelling a future withdraws nothing.
     *
     * <p>Futures complete in id order on a thread of the library that holds no lock, so a continuation may call any
     * method of the log. Continuations are not ordered: {@code thenAccept} on a completed future runs at once on the
     * thread that calls it, possibly before the continuations of smaller ids. Use {@link #appendAsync(List,
     * CommitHook)} to apply records in id order.
     *
     * <p>Blocks while the bytes in flight are at their limit, except in a continuation. An append is in flight until
     * the continuations of its future have run, so slow continuations slow down callers that append.
     *
     * @return a future that fails with the {@link IOException}s of {@link #append(List)}, or with
     *     {@link CallRefusedException} if no thread can be created to complete the future, or if continuations append
     *     more than completes; nothing was written
     * @throws IllegalArgumentException as {@link #append(List)} does; not through the future
     */
    default CompletableFuture<Void> appendAsync(List<LogRecord> records) {
        return appendAsync(records, CommitHook.NONE);
    }

    /** Appends a record as {@link #append(ByteBuffer)} does, without waiting; see {@link #appendAsync(List)}. */
    default CompletableFuture<Long> appendAsync(ByteBuffer data) {
        return appendAsync(data, CommitHook.NONE);
    }

    /** Appends a record as {@link #append(byte[])} does, without waiting; see {@link #appendAsync(List)}. */
    default CompletableFuture<Long> appendAsync(byte[] data) {
        return appendAsync(ByteBuffer.wrap(data));
    }

    /** Appends a batch as {@link #appendAll(List)} does, without waiting; see {@link #appendAsync(List)}. */
    default CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data) {
        return appendAllAsync(data, CommitHook.NONE);
    }

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
     * @throws IllegalStateException if a hook of this log makes the call; not through the future; nothing was written
     */
    CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook);

    /** Appends a record without waiting, with a hook, see {@link #appendAsync(List, CommitHook)}. */
    default CompletableFuture<Long> appendAsync(ByteBuffer data, CommitHook hook) {
        return appendAllAsync(List.of(data), hook);
    }

    /** Appends a batch without waiting, with a hook, see {@link #appendAsync(List, CommitHook)}. */
    CompletableFuture<Long> appendAllAsync(List<ByteBuffer> data, CommitHook hook);

    /**
     * Removes every record with an id greater than {@code lastToKeep}, durably: the records never come back. Works on a
     * full disk. Does nothing if there is no such record. If no record is left, {@link #nextId()} becomes the greater
     * of {@code lastToKeep + 1} and the former first id, and the next explicit append may choose any id.
     *
     * @param lastToKeep -1 removes all records
     * @throws IllegalArgumentException if {@code lastToKeep} is less than -1
     * @throws LogFailedException if writing failed; after reopening, the log holds all removed records or none
     */
    void truncate(long lastToKeep) throws IOException;

    /**
     * Removes every record up to and including {@code discardUpTo}, or up to the last record if that is less. The
     * records never come back. The space of records is freed in whole segments. {@link #nextId()} does not change. If
     * no record is left, the next explicit append may choose any id.
     *
     * @param discardUpTo -1 removes nothing
     * @throws IllegalArgumentException if {@code discardUpTo} is less than -1
     * @throws LogFailedException if writing failed; after reopening, the log was trimmed as requested or not at all
     */
    void trim(long discardUpTo) throws IOException;

    /**
     * Removes every record and fixes the id of the next one to {@code nextId}, also after reopening. Atomic: after a
     * crash, the log is as before or as after. Works on a full disk.
     *
     * @throws IllegalArgumentException if {@code nextId} is negative or {@code Long.MAX_VALUE}
     * @throws LogFailedException if writing failed
     */
    void reset(long nextId) throws IOException;

    /**
     * Makes every acknowledged record durable. Does nothing in a log whose appends are durable when they return.
     *
     * @throws LogFailedException if writing failed; a failed sync is never repeated
     */
    void sync() throws IOException;

    /** Returns the figures of the log at this moment. Also works on a closed log. */
    LogStats stats();

    /**
     * Waits for appends in flight, marks the log as cleanly closed, and releases its files, its lock and its threads;
     * the lock is released even if this method throws. A failed log is closed without writing. Idempotent. Later calls
     * throw {@link IllegalStateException}, except {@code close()} and {@link #stats()}.
     *
     * @throws LogFailedException if writing fails during this call, or if the log had failed earlier and acknowledged
     *     records were never synced; the latter occurs only in a log that acknowledges before it syncs
     */
    @Override
    void close() throws IOException;
}
