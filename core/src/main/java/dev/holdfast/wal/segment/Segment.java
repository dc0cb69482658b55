package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One file of a log, as readers use it: header, index and a shared file handle. The first reader opens the file and the
 * last closes it, so a log with thousands of segments has few open files. Thread-safe.
 */
public final class Segment {
    private final Storage storage;
    private final SegmentHeader header;
    private final String fileName;
    private final SegmentIndex index;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable ReadableFile file;
    private int readers;
    private volatile boolean proven;
    private volatile @Nullable Runnable whenRemoved; // null unless the file is kept open
    private boolean removed;

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

    /** Returns whether this log has written every block of the file, so that it has no holes. */
    public boolean isProven() {
        return proven;
    }

    /** Notes that the file has no holes. */
    public void prove() {
        proven = true;
    }

    /** Returns the file to a reader, which must {@link #release} it. An error of a removed segment is no damage. */
    public ReadableFile acquire() throws IOException {
        ReadableFile shared = acquire(null);
        if (shared != null) return shared;
        // Not under the lock: if no descriptor is left, the storage closes files of other segments.
        ReadableFile opened = storage.openForReading(fileName);
        shared = acquire(opened);
        return shared == null ? opened : shared;
    }

    /** Counts a reader of the open file, or else of the other file. Returns null if neither exists. */
    private @Nullable ReadableFile acquire(@Nullable ReadableFile other) throws IOException {
        lock.lock();
        try {
            ReadableFile open = file == null ? other : file;
            file = open;
            if (other != null && other != open) other.close();
            if (open != null) readers++;
            return open;
        } finally {
            lock.unlock();
        }
    }

    public void release() throws IOException {
        lock.lock(); // seam: release-lock
        try {
            readers--;
            ReadableFile open = file;
            if (readers == 0 && open != null) {
                file = null;
                open.close();
            }
        } finally {
            lock.unlock(); // seam: release-unlock
        }
    }

    public boolean isKeptOpen() {
        return whenRemoved != null;
    }

    /**
     * Keeps the file open between readers until {@link #letClose}. The caller must have the file open. Returns false if
     * the segment was removed; if it is removed later, {@code forget} runs.
     */
    public boolean keepOpen(Runnable forget) {
        lock.lock();
        try {
            if (removed) return false;
            readers++; // so that the last reader does not close the file
            whenRemoved = forget;
            return true;
        } finally {
            lock.unlock();
        }
    }

    public void letClose() {
        lock.lock();
        try {
            if (whenRemoved == null) return;
            whenRemoved = null;
            release();
        } catch (IOException e) {
            return; // a failed close of a file that was only read loses nothing
        } finally {
            lock.unlock();
        }
    }

    /** Marks the segment as removed from the catalog. Ends {@link #keepOpen}, which keeps disk space allocated. */
    public void removed() {
        Runnable forget;
        lock.lock();
        try {
            removed = true;
            forget = whenRemoved;
            letClose();
        } finally {
            lock.unlock();
        }
        if (forget != null) forget.run();
    }
}
