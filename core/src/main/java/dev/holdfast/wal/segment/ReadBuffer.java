package dev.holdfast.wal.segment;

import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of a file in a direct buffer that the log owns (a heap buffer would make the JDK keep a copy a thread).
 * Grows to hold the largest record asked for and no further. One thread at a time.
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

    /** Looks at another file, or at the same one anew; forgets what was read. */
    public void look(@Nullable ReadableFile at) {
        file = at;
        filled = 0;
    }

    /** The buffer: little-endian, cleared. Its bytes are those of the file from {@link #at} on. */
    ByteBuffer buffer() {
        return buffer;
    }

    /** Some of the same bytes, read-only and big-endian, for users; always the same object until the window grows. */
    ByteBuffer readOnly(int index, int bytes) {
        readOnly.order(ByteOrder.BIG_ENDIAN);
        readOnly.limit(index + bytes).position(index);
        return readOnly;
    }

    /**
     * Makes bytes of the file present and says where in {@link #buffer()} they begin.
     *
     * @param limit where the bytes end that will not change any more: it reads ahead to there at most
     * @return -1 if the file or the limit ends before they do
     */
    int at(long offset, int length, long limit) throws IOException {
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

    /** Reads larger stretches from now on: the reader goes on and on. */
    void widen() {
        if (buffer.capacity() < KEPT_CAPACITY) {
            grow(KEPT_CAPACITY);
        }
    }

    /** Makes room for the bytes asked for, and to read ahead, but no more than a short file has. */
    private void reserve(int length, long limit) {
        int useful = (int) Math.min(firstCapacity, Math.max(limit, SMALLEST_CAPACITY));
        if (length > useful) {
            useful = length;
        }
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
