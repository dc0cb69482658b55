package dev.holdfast.wal.read;

import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.storage.KeptOpen;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The segments of one log whose files stay open between reads. The log may keep {@link #GUARANTEED} files open, and one
 * more with each permit of the process ({@link KeptOpen}). Without a permit, it closes the file that it has kept
 * longest. Thread-safe.
 */
final class KeptFiles {
    private static final int GUARANTEED = 16;

    /** Held while files are closed, so {@link #close} returns after the last of them was closed. */
    private final ReentrantLock lock = new ReentrantLock();

    private final ArrayDeque<Segment> oldestFirst = new ArrayDeque<>();
    private final Runnable closer = this::closeAll;
    private int permits;
    private volatile boolean closed;

    /** Keeps a segment's file open after a read. The caller must have the file open. May close another file. */
    void keep(Segment segment) {
        if (segment.isKeptOpen()) return;
        lock.lock();
        try {
            if (closed || segment.isKeptOpen() || !segment.keepOpen(() -> forget(segment))) return;
            oldestFirst.add(segment);
            if (oldestFirst.size() == 1) KeptOpen.add(closer);
            if (oldestFirst.size() <= GUARANTEED + permits) return;
            if (KeptOpen.tryTake()) {
                permits++;
            } else {
                oldestFirst.remove().letClose();
            }
        } finally {
            lock.unlock();
        }
    }

    private void forget(Segment segment) {
        lock.lock();
        try {
            if (oldestFirst.remove(segment) && permits > 0) { // seam: kept-permit
                permits--;
                KeptOpen.giveBack(1);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes all files. Reads in progress complete. */
    private void closeAll() {
        lock.lock();
        try {
            oldestFirst.forEach(Segment::letClose);
            oldestFirst.clear();
            KeptOpen.giveBack(permits);
            permits = 0;
        } finally {
            lock.unlock();
        }
    }

    /** Closes all files and keeps none from now on. */
    void close() {
        closed = true; // first, so a read that keeps a file later sees it under the lock
        closeAll();
        KeptOpen.remove(closer);
    }
}
