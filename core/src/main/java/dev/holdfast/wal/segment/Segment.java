package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One file of a log, for readers: its header, its index and a handle they share. The file is opened when the first
 * reader comes and closed when the last has gone, so that a log of thousands of segments has few files open; of some it
 * is kept open in between, until they are removed. Thread-safe.
 */
public final class Segment {
    private final Storage storage;
    private final SegmentHeader header;
    private final String fileName;
    private final SegmentIndex index;
    private final FrameTables frames;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ReadableFile file;
    private int readers;
    private boolean keptOpen;
    private boolean removed;

    public Segment(Storage storage, SegmentHeader header, SegmentIndex index) {
        this.storage = storage;
        this.header = header;
        this.fileName = header.name().fileName();
        this.index = index;
        this.frames = new FrameTables(header.fileLength());
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

    FrameTables frames() {
        return frames;
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
            closeIfUnused();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Keeps the file open when no reader has it, until {@link #letClose}: for a reader who has it now and may come
     * again.
     */
    public void keepOpen() {
        lock.lock();
        try {
            keptOpen = !removed;
        } finally {
            lock.unlock();
        }
    }

    /** Takes {@link #keepOpen} back. */
    public void letClose() {
        lock.lock();
        try {
            keptOpen = false;
            closeIfUnused();
        } catch (IOException e) {
            // The file was only read: nothing is lost if closing it fails.
            return;
        } finally {
            lock.unlock();
        }
    }

    /** The log shows this segment no more: whoever keeps its file open would keep its space from being used. */
    void removed() {
        lock.lock();
        try {
            removed = true;
            letClose();
        } finally {
            lock.unlock();
        }
    }

    private void closeIfUnused() throws IOException {
        ReadableFile open = file;
        if (readers == 0 && !keptOpen && open != null) {
            file = null;
            open.close();
        }
    }

    @Override
    public String toString() {
        return fileName;
    }
}
