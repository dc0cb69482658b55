package dev.holdfast.wal.chain;

import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * The files of dead segments that wait to be recycled or deleted, outside the commit queue: decision 22. A segment must
 * be dead on stable storage, and gone from the catalog, before it is added. From then on its file may disappear at any
 * time and in any order, or never. Thread-safe. Each file is removed under a lock, so that a thread which finds no file
 * left knows that no removal is under way.
 */
public final class DeadFiles {
    /** Whether this log has written every block of a file. Another file may have holes. */
    public enum Blocks {
        PROVEN,
        UNPROVEN;

        static Blocks of(Segment segment) {
            return segment.isProven() ? PROVEN : UNPROVEN;
        }
    }

    /** Removes a file, or returns false if it does not want to. */
    private interface Removal {
        boolean remove(StoredFile file, Blocks blocks) throws IOException;
    }

    private final Storage storage;
    private final SpareMaker spares;
    private final Queue<Segment> waiting = new ConcurrentLinkedQueue<>(); // those of a call oldest first
    private final ReentrantLock removing = new ReentrantLock(true); // fair: a close waits for one file only
    private volatile boolean stopped;

    DeadFiles(Storage storage, SpareMaker spares) {
        this.storage = storage;
        this.spares = spares;
    }

    void add(Collection<Segment> segments) {
        waiting.addAll(segments);
    }

    /** Returns whether no file waits and none is just being removed. */
    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /** Recycles or deletes files until none is left. Returns false if there was none. */
    public boolean removeAll() throws IOException {
        boolean any = false;
        while (removeOldest((file, blocks) -> {
            spares.recycleOrDelete(file, blocks);
            return true;
        })) {
            any = true;
        }
        return any;
    }

    /** Removes files, as {@link #removeAll} does, and syncs their names. Returns whether a sync was necessary. */
    public boolean removeAllDurably() throws IOException {
        removeAll();
        return spares.syncRemoved();
    }

    public void removeSoon() {
        try {
            spares.background.execute(() -> {
                try {
                    removeAll();
                } catch (IOException e) {
                    // The next thread that removes files tries again and reports the failure.
                }
            });
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // The next removal, or the next opening, removes them.
        }
    }

    /** Recycles files until there are enough spares, or no more spares are wanted. Deletes nothing. */
    void recycleUntil(BooleanSupplier enough) throws IOException {
        while (!enough.getAsBoolean() && !isEmpty() && removeOldest(spares::recycle)) {
            // The condition does the work.
        }
    }

    private boolean removeOldest(Removal removal) throws IOException {
        removing.lock();
        try {
            Segment oldest = waiting.peek();
            if (stopped || oldest == null) return false;
            Optional<StoredFile> file = storage.find(oldest.fileName());
            if (file.isPresent() && !removal.remove(file.get(), Blocks.of(oldest))) return false;
            waiting.remove();
            return true;
        } finally {
            removing.unlock();
        }
    }

    /** Removes no more files. Returns when no removal is under way. */
    @SuppressWarnings("LockNotBeforeTry") // acquiring the lock waits for the thread that holds it
    void stop() {
        stopped = true; // seam: removal-stopped
        removing.lock();
        removing.unlock();
    }
}
