package dev.holdfast.wal.segment;

import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A range of a file in a direct buffer. (With a heap buffer, the JDK would keep a direct copy for each thread.) Grows
 * to the largest record requested, and no further. Not thread-safe.
 */
public final class ReadBuffer {
    private static final int SMALLEST_CAPACITY = 4 << 10;
    private static final int FIRST_CAPACITY = 64 << 10;
    private static final int KEPT_CAPACITY = 256 << 10;

    private static final ByteBuffer NONE = ByteBuffer.allocateDirect(0);

    private final int firstCapacity;
    private ByteBuffer buffer = NONE;
    private ByteBuffer readOnly = NONE;
    private @Nullable ReadableFile file;
    private long start;
    private int filled;

    public ReadBuffer() {
        this(FIRST_CAPACITY);
    }

    ReadBuffer(int capacity) {
        firstCapacity = capacity;
    }

    /** Switches to another file, or to the same one again; discards the bytes read before. */
    public void look(@Nullable ReadableFile at) {
        file = at;
        filled = 0;
    }

    /** Returns the buffer, little-endian and cleared. {@link #at} returns the index of an offset in it. */
    public ByteBuffer buffer() {
        return buffer;
    }

    /** Returns bytes as a read-only big-endian view for users: the same object until the buffer grows. */
    ByteBuffer readOnly(int index, int bytes) {
        readOnly.order(ByteOrder.BIG_ENDIAN);
        readOnly.limit(index + bytes).position(index);
        return readOnly;
    }

    /**
     * Loads bytes of the file if necessary and returns their index in {@link #buffer()}. Reads no byte after
     * {@code limit}, the end of the immutable bytes. Returns -1 if the requested bytes end after the limit or after the
     * file.
     */
    public int at(long offset, int length, long limit) throws IOException {
        if (offset >= start && offset + length <= start + filled) {
            return (int) (offset - start);
        }
        ReadableFile source = file;
        if (source == null || offset + length > limit) {
            return -1;
        }
        reserve(length, limit);
        buffer.clear();
        buffer.limit((int) Math.min(buffer.capacity(), limit - offset));
        filled = 0;
        int read = source.read(offset, buffer);
        buffer.clear();
        start = offset;
        filled = read;
        return read < length ? -1 : 0;
    }

    /** Reads ahead more bytes from now on, because the reader reads sequentially. */
    public void widen() {
        if (buffer.capacity() < KEPT_CAPACITY) {
            grow(KEPT_CAPACITY);
        }
    }

    /** Allocates room for the requested bytes and for reading ahead, but not more than a short file has. */
    private void reserve(int length, long limit) {
        int useful = Math.max(length, (int) Math.min(firstCapacity, Math.max(limit, SMALLEST_CAPACITY)));
        if (useful > buffer.capacity()) {
            grow(useful < firstCapacity ? Math.min(firstCapacity, Integer.highestOneBit(2 * useful - 1)) : useful);
        }
    }

    private void grow(int capacity) {
        filled = 0;
        buffer = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
        readOnly = buffer.asReadOnlyBuffer();
    }
}
