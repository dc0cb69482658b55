package dev.holdfast.wal.store;

import dev.holdfast.wal.ids.IdSpan;
import dev.holdfast.wal.ids.TruncationHistory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a store knows of one log, after the changes that are committed. The lock guards all fields but the final ones
 * and those of {@link Numbered}. It is held only for work in memory, never while the shared log is called.
 */
final class LogState {
    final long number;
    final String name;
    final ReentrantLock lock = new ReentrantLock();
    final Condition changed = lock.newCondition();
    volatile Numbered numbered = new Numbered(); // replaced under the lock of numbering

    IdSpan ids;
    Places places = new Places();
    Map<String, ByteBuffer> values; // replaced by each change, never changed
    TruncationHistory truncations = TruncationHistory.NONE;
    boolean deleted;
    long liveBytes; // of data; an estimate after a removal of some records
    int waitingCursors;
    long changes; // number of changes, and of closed handles and cursors

    long appendedRecords;
    long appendedBytes;
    long appends;

    private long capturedUpTo; // the place of the newest window's end that was captured
    private @Nullable Captured captured;

    LogState(long number, String name) {
        this(number, name, new IdSpan(), Map.of(), 0);
    }

    LogState(long number, String name, IdSpan ids, Map<String, ByteBuffer> values, long liveBytes) {
        this.number = number;
        this.name = name;
        this.ids = ids;
        this.values = values;
        this.liveBytes = liveBytes;
        numbered.reset(this);
    }

    /** The state that the log will have when all numbered changes are committed. Guarded by the lock of numbering. */
    static final class Numbered {
        IdSpan ids = new IdSpan();
        Map<String, ByteBuffer> values = Map.of();
        boolean deleted;
        long newest; // place of the newest record that was numbered for this log

        Numbered copy() {
            Numbered copy = new Numbered();
            copy.ids = ids.copy();
            copy.values = values;
            copy.deleted = deleted;
            copy.newest = newest;
            return copy;
        }

        /** Forgets changes that were refused. Called when none is in flight. */
        void reset(LogState log) {
            log.lock.lock();
            try {
                ids = log.ids.copy();
                values = log.values;
                deleted = log.deleted;
                newest = 0;
            } finally {
                log.lock.unlock();
            }
        }
    }

    /**
     * The state at the end of a window.
     *
     * @param runs triples of id, place and count of the recent records that were in the window
     */
    record Captured(IdSpan ids, Map<String, ByteBuffer> values, long liveBytes, List<long[]> runs) {}

    /** Remembers the state at the end of a window if this has not happened yet. Called before a change behind it. */
    void capture(@Nullable Boundary boundary) {
        if (boundary == null || capturedUpTo >= boundary.end()) return;
        captured = captureNow(boundary);
        capturedUpTo = boundary.end();
    }

    private Captured captureNow(Boundary boundary) {
        List<long[]> runs = new ArrayList<>();
        places.visitRecent(
                boundary.start(), boundary.end(), (id, place, count) -> runs.add(new long[] {id, place, count}));
        return new Captured(ids.copy(), values, liveBytes, runs);
    }

    /** Returns and forgets the state at the end of a window: the remembered one, or that of now if it is the same. */
    Captured takeCaptured(Boundary boundary) {
        capture(boundary);
        Captured taken = captured;
        captured = null;
        if (taken == null) throw new AssertionError("the end of window " + boundary + " was captured twice");
        return taken;
    }

    void append(Change.Append append, long place) {
        if (ids.startsElsewhere(append.id())) {
            truncations = truncations.and(-1);
        }
        ids.append(append.id(), append.count());
        places.put(append.id(), place, append.count());
        liveBytes += append.dataBytes();
        appendedRecords += append.count();
        appendedBytes += append.dataBytes();
        appends++;
    }

    /** Returns whether a record was moved away from its place. */
    boolean moved(long id, long from, long place, Windows windows) {
        if (!holds(id)) return false;
        long recent = places.recentPlace(id);
        boolean isThere = recent == Places.NOWHERE ? windows.isIn(places.window(id), from) : recent == from;
        if (!isThere) return false;
        places.put(id, place, 1);
        places.putSealed(id, 1, windows.current().ordinal);
        return true;
    }

    boolean holds(long id) {
        return id >= ids.first() && id < ids.next();
    }

    void truncate(long lastToKeep) {
        long before = ids.next();
        long count = before - ids.first();
        if (!ids.truncate(lastToKeep)) return;
        removed(before - ids.next(), count);
        places.truncate(ids.next());
        truncations = truncations.and(ids.next() - 1);
    }

    void trim(long discardUpTo) {
        long before = ids.first();
        long count = ids.next() - before;
        if (!ids.trim(discardUpTo)) return;
        removed(ids.first() - before, count);
        places.trim(ids.first());
    }

    void reset(long nextId) {
        ids.reset(nextId);
        removed(1, 1);
        places.clear();
        truncations = truncations.and(-1);
    }

    private void removed(long removed, long of) {
        liveBytes = removed >= of ? 0 : (long) (liveBytes * ((double) (of - removed) / of));
    }

    void put(String key, @Nullable ByteBuffer value) {
        values = with(values, key, value);
    }

    /** Returns a copy of the values with one change. */
    static Map<String, ByteBuffer> with(Map<String, ByteBuffer> values, String key, @Nullable ByteBuffer value) {
        Map<String, ByteBuffer> copy = new TreeMap<>(values);
        if (value == null) {
            copy.remove(key);
        } else {
            copy.put(key, value);
        }
        return copy;
    }

    void delete() {
        deleted = true;
        removed(1, 1);
        places.clear();
    }

    /** Takes over another state of this log; null if the log was deleted. Cursors must not trust their records. */
    void replaceBy(@Nullable LogState found) {
        lock.lock();
        try {
            if (found == null) {
                delete();
            } else {
                ids = found.ids;
                places = found.places;
                values = found.values;
                liveBytes = found.liveBytes;
                truncations = truncations.and(-1);
            }
            wakeCursors();
        } finally {
            lock.unlock();
        }
    }

    /** Wakes the cursors that wait for a change. */
    void wakeCursors() {
        changes++;
        if (waitingCursors > 0) {
            changed.signalAll();
        }
    }
}
