package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.Layout;
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
    private static final int WIDE_CAPACITY = 256 << 10;

    static final Memory NONE = new Memory(0);

    private final @Nullable ReadBufferPool pool;
    private int capacity;
    private Memory memory = NONE;
    private @Nullable ReadableFile file;
    private long limit;
    private long start;
    private int filled;

    /** The direct memory of a buffer, and a view of it for users. */
    static final class Memory {
        private final ByteBuffer bytes;
        private final ByteBuffer readOnly;

        private Memory(int capacity) {
            bytes = ByteBuffer.allocateDirect(capacity).order(ByteOrder.LITTLE_ENDIAN);
            readOnly = bytes.asReadOnlyBuffer();
        }
    }

    public ReadBuffer() {
        this(FIRST_CAPACITY);
    }

    ReadBuffer(int capacity) {
        this.capacity = capacity;
        this.pool = null;
    }

    /** Creates a buffer that takes memory from a pool when it loads bytes, until {@link #release}. */
    public ReadBuffer(ReadBufferPool pool) {
        this.capacity = FIRST_CAPACITY;
        this.pool = pool;
    }

    /**
     * Switches to a file; discards the bytes read before. Bytes up to {@code endOffset} are immutable; reads no others.
     */
    public void look(ReadableFile at, long endOffset) {
        file = at;
        limit = endOffset;
        filled = 0;
    }

    long limit() {
        return limit;
    }

    public void limit(long endOffset) {
        limit = endOffset;
    }

    /** Returns the bytes, little-endian and cleared. {@link #at} returns the index of an offset in them. */
    public ByteBuffer bytes() {
        return memory.bytes;
    }

    /** Returns bytes as a read-only big-endian view for users: the same object while the memory is the same. */
    ByteBuffer readOnly(int index, int length) {
        ByteBuffer view = memory.readOnly;
        view.order(ByteOrder.BIG_ENDIAN);
        view.limit(index + length).position(index);
        return view;
    }

    /**
     * Loads bytes of the file if necessary and returns their index in {@link #bytes()}. Returns -1 if the requested
     * bytes end after the limit or after the file.
     */
    public int at(long offset, int length) throws IOException {
        if (offset >= start && offset + length <= start + filled) return (int) (offset - start);
        ReadableFile source = file;
        if (source == null || offset + length > limit) return -1;
        reserve(length);
        ByteBuffer into = memory.bytes;
        into.clear().limit((int) Math.min(into.capacity(), limit - offset));
        filled = 0;
        int read = source.read(offset, into);
        into.clear();
        start = offset;
        filled = read;
        return read < length ? -1 : 0;
    }

    /** Switches to a file, and returns a copy of the block of its header, with zeros if the file is shorter. */
    public byte[] header(ReadableFile segment) throws IOException {
        look(segment, Layout.HEADER_BYTES);
        at(0, Layout.HEADER_BYTES);
        byte[] block = new byte[Layout.HEADER_BYTES];
        bytes().get(0, block, 0, filled);
        return block;
    }

    /** Reads ahead more bytes from now on, because the reader reads sequentially. */
    public void widen() {
        capacity = WIDE_CAPACITY;
    }

    /** Allocates room for the requested bytes and for reading ahead, but not more than a short file has. */
    private void reserve(int length) {
        int useful = Math.max(length, (int) Math.min(capacity, Math.max(limit, SMALLEST_CAPACITY)));
        if (pool != null && memory == NONE) {
            memory = pool.take();
        }
        if (useful > memory.bytes.capacity()) {
            memory = new Memory(useful < capacity ? Math.min(capacity, Integer.highestOneBit(2 * useful - 1)) : useful);
        }
    }

    /** Returns the memory to the pool. The file and the limit stay: {@link #at} loads its bytes again. */
    public void release() {
        if (pool != null && memory != NONE) {
            pool.give(memory);
        }
        memory = NONE;
        filled = 0;
    }
}
