package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One file of a log, for readers: its header, its index and a handle they share. The file is opened when the first reader
 * comes and closed when the last has gone, so that a log of thousands of segments has few files open. Thread-safe.
 */
public final class Segment {
    private final Storage storage;
    private final SegmentHeader header;
    private final String fileName;
    private final SegmentIndex index;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ReadableFile file;
    private int readers;

    public Segment(Storage storage, SegmentHeader header, SegmentIndex index) {
        this.storage = storage;
        this.header = header;
        this.fileName = header.name().fileName();
        this.index = index;
    }

    public SegmentHeader header() {
        return header;
    }

    public String fileName() {
        return fileName;
    }

    public SegmentIndex index() {
        return index;
    }

    public long baseId() {
        return header.baseId();
    }

    /**
     * The file, for one more reader, who gives it back by {@link #release}.
     *
     * @throws IOException if it can not be opened, which is no fault if the segment was removed meanwhile
     */
    public ReadableFile acquire() throws IOException {
        lock.lock();
        try {
            ReadableFile open = file;
            if (open == null) {
                open = storage.openForReading(fileName);
                file = open;
            }
            readers++;
            return open;
        } finally {
            lock.unlock();
        }
    }

    /** One reader less. */
    public void release() throws IOException {
        lock.lock();
        try {
            readers--;
            ReadableFile open = file;
            if (readers == 0 && open != null) {
                file = null;
                open.close();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String toString() {
        return fileName;
    }
}
