package dev.holdfast.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * A reading place in a log. It shows acknowledged records one after the other, in id order and without a gap, and it
 * sees records that are appended after it was made.
 *
 * <p>The place is resolved at the first {@link #next()}: the first record whose id is at least the cursor's start id,
 * now or later. From then on the next record is the one whose id follows the id shown. If that id has been trimmed, or
 * the record shown has been truncated (even if its id exists again), {@code next()} throws
 * {@link RecordsRemovedException}; it never shows an old, an invented or a skipped record.
 *
 * <p>A cursor belongs to one thread at a time, except that {@link #close()} may be called from any. It takes no lock
 * and never waits for a writer.
 */
public interface LogCursor extends AutoCloseable {
    /**
     * Moves to the next record if there is one.
     *
     * @return false if there is nothing more now; a later append may make it true. After false there is no current
     *     record until a call returns true
     * @throws RecordsRemovedException if the records this cursor stood at or would show next have been removed
     * @throws CorruptLogException if the bytes of the record do not match their checksum
     * @throws IllegalStateException if the cursor or the log is closed
     */
    boolean next() throws IOException;

    /**
     * Moves to the next record, waiting for one to be acknowledged if need be. This is the only call that answers an
     * interrupt; the cursor stays usable after it.
     *
     * @param timeout the longest wait; zero or less does not wait
     * @return false if the time ran out
     * @throws InterruptedException if the thread was interrupted before or while waiting
     * @throws IllegalStateException if the cursor or the log is closed, also while waiting
     * @throws IOException as {@link #next()}
     */
    boolean next(Duration timeout) throws IOException, InterruptedException;

    /**
     * The id of the current record.
     *
     * @throws IllegalStateException if there is none, since the last {@code next()} did not return true, or if the
     *     cursor is closed
     */
    long id();

    /**
     * Returns the bytes of the current record, from the buffer's position, which need not be 0, to its limit. The
     * buffer is read-only and big-endian. It is valid until the next call of {@code next()} or {@code close()}; the
     * same object may be returned for every record.
     *
     * @throws IllegalStateException if there is no current record or the cursor is closed
     */
    ByteBuffer data();

    /**
     * A copy of the current record that lives on.
     *
     * @throws IllegalStateException if there is no current record or the cursor is closed
     */
    LogRecord record();

    /**
     * Gives up the cursor's buffers and wakes a thread that waits in {@link #next(Duration)}. Idempotent, thread-safe.
     */
    @Override
    void close();
}
