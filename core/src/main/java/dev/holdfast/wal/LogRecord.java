package dev.holdfast.wal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A record of a log: an id and 0 to {@link #MAX_DATA_BYTES} bytes of data. Immutable, provided that the buffer passed
 * to {@link #wrap} is not changed. Two records are equal if their ids and their bytes are equal.
 */
public final class LogRecord {
    /** Maximum number of data bytes in a record: 1 MiB. */
    public static final int MAX_DATA_BYTES = 1 << 20;

    private final long id;
    private final ByteBuffer data;

    private LogRecord(long id, ByteBuffer readOnlyData) {
        if (id < 0) throw new IllegalArgumentException("record id must be >= 0, was " + id);
        this.id = id;
        this.data = readOnlyData;
    }

    /**
     * Returns a record with a copy of {@code data}.
     *
     * @throws IllegalArgumentException if {@code id} is negative
     */
    public static LogRecord of(long id, byte[] data) {
        return new LogRecord(id, ByteBuffer.wrap(data.clone()).asReadOnlyBuffer());
    }

    /**
     * Returns a record with a copy of the remaining bytes of {@code data}. Leaves the buffer's position alone.
     *
     * @throws IllegalArgumentException if {@code id} is negative
     */
    public static LogRecord of(long id, ByteBuffer data) {
        return new LogRecord(id, ByteBuffer.wrap(copy(data)).asReadOnlyBuffer());
    }

    /**
     * Returns a record that shares the remaining bytes of {@code data}. They must not change until the append of the
     * record is acknowledged.
     *
     * @throws IllegalArgumentException if {@code id} is negative
     */
    public static LogRecord wrap(long id, ByteBuffer data) {
        return new LogRecord(id, data.slice().asReadOnlyBuffer());
    }

    /** Returns the position of the record in the log, 0 to {@code Long.MAX_VALUE - 1}. */
    public long id() {
        return id;
    }

    /** Returns a new read-only, big-endian view of the record's bytes, from position 0 to their end. */
    public ByteBuffer data() {
        return data.asReadOnlyBuffer();
    }

    /** Returns a copy of the record's bytes. */
    public byte[] bytes() {
        return copy(data);
    }

    private static byte[] copy(ByteBuffer data) {
        byte[] copy = new byte[data.remaining()];
        data.get(data.position(), copy);
        return copy;
    }

    /** Returns the number of the record's bytes. */
    public int size() {
        return data.remaining();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LogRecord that && id == that.id && data.equals(that.data);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(id) + data.hashCode();
    }

    @Override
    public String toString() {
        return "LogRecord[id=" + id + ", " + data.remaining() + " bytes]";
    }
}
