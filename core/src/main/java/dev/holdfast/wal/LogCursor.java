package dev.holdfast.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * Reads the acknowledged records of a log one after the other, in id order and without a gap, including records that
 * are appended after the cursor was created.
 *
 * <p>The first {@link #next()} that finds a record moves to the first record whose id is at least the cursor's start
 * id. Each further call moves to the record with the following id. If the following record was trimmed, or if the
 * current record was truncated (even if its id exists again), {@code next()} throws {@link RecordsRemovedException}. A
 * cursor never returns a removed record after a newer one, and never skips a record.
 *
 * <p>One thread at a time may use a cursor, except that any thread may call {@link #close()}. A cursor takes no lock
 * and never waits for a writer.
 */
public interface LogCursor extends AutoCloseable {
    /**
     * Moves to the next record if there is one.
     *
     * @return false if there is no further record yet. There is then no current record until a call returns true
     * @throws RecordsRemovedException if the current or the next record was removed
     * @throws CorruptLogException if the next record is damaged
     * @throws IllegalStateException if the cursor or the log is closed
     */
    boolean next() throws IOException;

    /**
     * Moves to the next record, and waits until one is acknowledged if there is none yet. An interrupt ends the wait;
     * the cursor stays usable.
     *
     * @param timeout the longest wait; zero or less does not wait
     * @return false if no further record was acknowledged in time
     * @throws InterruptedException if the thread was interrupted before or while waiting
     * @throws IllegalStateException if the cursor or the log is closed, also while waiting
     * @throws IOException if {@link #next()} would throw it
     */
    boolean next(Duration timeout) throws IOException, InterruptedException;

    /**
     * Returns the id of the current record.
     *
     * @throws IllegalStateException if the last {@code next()} did not return true, or if the cursor is closed
     */
    long id();

    /**
     * Returns the bytes of the current record, from the buffer's position, which need not be 0, to its limit. The
     * buffer is read-only and big-endian, and valid until the next call of {@code next()} or {@code close()}. The
     * cursor may return the same buffer object for each record.
     *
     * @throws IllegalStateException if there is no current record or the cursor is closed
     */
    ByteBuffer data();

    /**
     * Returns a copy of the current record. The copy stays valid after the cursor moves.
     *
     * @throws IllegalStateException if there is no current record or the cursor is closed
     */
    LogRecord record();

    /** Releases the cursor, and wakes a thread that waits in {@link #next(Duration)}. Idempotent and thread-safe. */
    @Override
    void close();
}
