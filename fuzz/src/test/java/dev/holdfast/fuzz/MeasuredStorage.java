package dev.holdfast.fuzz;

import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Limits the number of operations on a storage in memory, so that endless reading is detected. It also counts the
 * memory that the storage itself allocates, which does not count against the code under test. Not thread-safe.
 */
final class MeasuredStorage extends ForwardingStorage {
    private static final int MAX_OPERATIONS = 200_000;

    private int operations;
    private int changes;
    private long ownBytes;

    MeasuredStorage(HeapStorage storage) {
        super(storage);
    }

    /** Returns the number of operations that changed something. */
    int changes() {
        return changes;
    }

    /** Returns the number of bytes that the storage has allocated itself. */
    long ownBytes() {
        return ownBytes;
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    private <T> T work(Work<T> work) throws IOException {
        if (++operations > MAX_OPERATIONS) {
            throw new AssertionError(
                    "more than " + MAX_OPERATIONS + " operations; the code under test does not seem to end");
        }
        long before = Memory.heapBytes();
        try {
            return work.run();
        } finally {
            ownBytes += Memory.heapBytes() - before;
        }
    }

    private <T> T change(Work<T> work) throws IOException {
        changes++;
        return work(work);
    }

    @Override
    public List<StoredFile> list() throws IOException {
        return work(super::list);
    }

    @Override
    public WritableFile create(String name) throws IOException {
        return change(() -> super.create(name));
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return change(() -> super.openForWriting(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        return work(() -> super.openForReading(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        change(() -> {
            super.rename(from, to);
            return to;
        });
    }

    @Override
    public void delete(String name) throws IOException {
        change(() -> {
            super.delete(name);
            return name;
        });
    }

    @Override
    public void sync() throws IOException {
        change(() -> {
            super.sync();
            return true;
        });
    }

    @Override
    protected WritableFile wrap(WritableFile file) {
        return new Writer(file) {
            @Override
            public void write(long offset, byte[] bytes, int from, int length) throws IOException {
                change(() -> {
                    super.write(offset, bytes, from, length);
                    return length;
                });
            }

            @Override
            public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
                write(offset, bytes, from, length);
            }
        };
    }

    @Override
    protected ReadableFile wrap(ReadableFile file) {
        return new Reader(file) {
            @Override
            public int read(long offset, ByteBuffer into) throws IOException {
                return work(() -> super.read(offset, into));
            }
        };
    }
}
