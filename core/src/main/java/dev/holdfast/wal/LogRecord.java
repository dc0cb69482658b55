package dev.holdfast.wal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A record of a log: an id and between 0 and {@link #MAX_DATA_BYTES} bytes. Immutable as long as the buffer given to
 * {@link #wrap} is left alone; two records are equal if their ids and bytes are.
 */
public final class LogRecord {
    /** The largest number of data bytes any log accepts in one record: 1 MiB. */
    public static final int MAX_DATA_BYTES = 1 << 20;

    private final long id;
    private final ByteBuffer data;

    private LogRecord(long id, ByteBuffer readOnlyData) {
        if (id < 0) {
            throw new IllegalArgumentException("record id must be >= 0, was " + id);
        }
        this.id = id;
        this.data = readOnlyData;
    }

    /**
     * A record with a copy of {@code data}.
     *
     * @throws IllegalArgumentException if {@code id} is negative
     */
    public static LogRecord of(long id, byte[] data) {
        return new LogRecord(id, ByteBuffer.wrap(data.clone()).asReadOnlyBuffer());
    }

    /**
     * A record with a copy of what remains of {@code data}, whose position is left alone.
     *
     * @throws IllegalArgumentException if {@code id} is negative
     */
    public static LogRecord of(long id, ByteBuffer data) {
        byte[] copy = new byte[data.remaining()];
        data.get(data.position(), copy);
        return new LogRecord(id, ByteBuffer.wrap(copy).asReadOnlyBuffer());
    }

    /**
     * A record that shares what remains of {@code data} instead of copying it: leave the bytes unchanged until the
     * append that carries the record has been acknowledged.
     *
     * @throws IllegalArgumentException if {@code id} is negative
     */
    public static LogRecord wrap(long id, ByteBuffer data) {
        return new LogRecord(id, data.slice().asReadOnlyBuffer());
    }

    /** The record's place in the log, 0 to {@code Long.MAX_VALUE - 1}. */
    public long id() {
        return id;
    }

    /** A new read-only view of the record's bytes: position 0, limit at their end, big-endian. */
    public ByteBuffer data() {
        return data.asReadOnlyBuffer();
    }

    /** Returns a copy of the record's bytes. */
    public byte[] bytes() {
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
