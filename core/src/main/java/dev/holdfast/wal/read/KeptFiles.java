package dev.holdfast.wal.read;

import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.storage.KeptOpen;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The segments of one log whose files stay open between reads. The log may keep {@link #GUARANTEED} files open, and
 * more as long as the process has permits ({@link KeptOpen}). Then the file that was kept first is closed first.
 * Thread-safe.
 */
final class KeptFiles {
    private static final int GUARANTEED = 16;

    /** Held while files are closed, so {@link #close} returns after the last of them was closed. */
    private final ReentrantLock lock = new ReentrantLock();

    private final ArrayDeque<Segment> oldestFirst = new ArrayDeque<>();
    private final BooleanSupplier closer = this::closeAll;
    private int permits;
    private boolean closed;

    /** Keeps a segment's file open after a read. The caller must have the file open. May close another file. */
    void keep(Segment segment) {
        if (segment.isKeptOpen()) return;
        lock.lock();
        try {
            if (closed || segment.isKeptOpen() || !segment.keepOpen(() -> forget(segment))) return;
            oldestFirst.add(segment);
            if (oldestFirst.size() <= GUARANTEED + permits) return;
            if (KeptOpen.tryTake()) {
                permits++;
                KeptOpen.add(closer);
            } else {
                oldestFirst.remove().letClose();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a segment that was removed from the log. */
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

    /** Closes all files. Returns whether there were any. Reads in progress complete. */
    private boolean closeAll() {
        lock.lock();
        try {
            boolean any = !oldestFirst.isEmpty();
            oldestFirst.forEach(Segment::letClose);
            oldestFirst.clear();
            KeptOpen.giveBack(permits);
            permits = 0;
            return any;
        } finally {
            lock.unlock();
        }
    }

    /** Closes all files and keeps none from now on. */
    void close() {
        lock.lock();
        try {
            closed = true;
            closeAll();
            KeptOpen.remove(closer);
        } finally {
            lock.unlock();
        }
    }
}
