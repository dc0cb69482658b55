package dev.holdfast.wal.store;

import dev.holdfast.wal.CorruptLogException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * What the logs of a store hold: the changes of the shared log, applied in order. The same methods apply a change when
 * it commits and when the store is opened. One thread at a time applies; any thread may read.
 */
final class StoreState {
    final Windows windows;
    private final Map<Long, LogState> byNumber = new ConcurrentHashMap<>();
    private final ConcurrentSkipListMap<String, LogState> byName = new ConcurrentSkipListMap<>();
    private volatile @Nullable Boundary boundary;

    StoreState(Windows windows) {
        this.windows = windows;
    }

    /** Adds a log that a checkpoint lists. */
    void add(LogState log) {
        byNumber.put(log.number, log);
        byName.put(log.name, log);
    }

    @Nullable
    LogState find(String name) {
        return byName.get(name);
    }

    @Nullable
    LogState find(long number) {
        return byNumber.get(number);
    }

    ConcurrentSkipListMap<String, LogState> byName() {
        return byName;
    }

    Collection<LogState> all() {
        return byNumber.values();
    }

    /** Begins a new window. From now on, each log remembers its state of now before it changes. */
    void endWindow(long place) {
        Window ended = windows.begin(place);
        boundary = new Boundary(ended.start, place);
    }

    /** Returns the window that has ended and waits for its index record, or null. */
    @Nullable
    Boundary boundary() {
        return boundary;
    }

    /**
     * Returns the logs that lived at the end of a window and still do. A log that was deleted since is not needed: its
     * records behind the window are dead without it.
     */
    List<LogState> logsAt(Boundary ended) {
        List<LogState> logs = new ArrayList<>(byNumber.values());
        logs.removeIf(log -> log.number >= ended.end());
        return logs;
    }

    /** Replay has found the index record of a window, the oldest that has none so far. */
    void sealed(SealBody seal) throws CorruptLogException {
        Window window = windows.current();
        if (seal.ordinal() < window.ordinal) return; // the seal of the checkpoint's own window is behind its end
        if (seal.ordinal() != window.ordinal || seal.start() != window.start) {
            throw StoreRecord.corrupt(
                    seal.place(),
                    "it is the seal of window " + seal.ordinal() + " from place " + seal.start() + " on, but " + window
                            + " is the oldest without one");
        }
        windows.begin(seal.end());
        windows.current().bytes.set(Math.max(0, window.bytes.get() - seal.bytes()));
        window.bytes.set(seal.bytes());
        windows.current().movedFrom = window.movedFrom; // some moves may be behind the window's end
        window.seal = seal.positions();
        for (LogState log : byNumber.values()) {
            log.places.seal(window.ordinal, window.start, window.end);
        }
    }

    /** The state at the end of the window was written: logs no longer need to remember it. */
    void boundaryDone() {
        boundary = null;
    }

    /** Takes over what another reading of the same store has found, in the logs that are known already. */
    void replaceBy(StoreState found) {
        windows.replaceBy(found.windows);
        for (LogState log : List.copyOf(byNumber.values())) {
            LogState now = found.byNumber.get(log.number);
            if (now == null) {
                byNumber.remove(log.number);
                byName.remove(log.name, log);
            }
            log.replaceBy(now);
        }
        found.byNumber.forEach((number, log) -> {
            if (byNumber.putIfAbsent(number, log) == null) {
                byName.put(log.name, log);
            }
        });
    }

    /**
     * Applies one change.
     *
     * @param place the place of its first record
     * @throws CorruptLogException if the change does not fit the log's state; nothing was changed
     */
    void apply(Change change, long place) throws CorruptLogException {
        if (change instanceof Change.Create create) {
            if (byName.containsKey(create.name())) {
                throw StoreRecord.corrupt(place, "it creates a log whose name exists");
            }
            add(new LogState(place, create.name()));
        } else if (change instanceof Change.Append append) {
            LogState log = byNumber.get(append.number());
            if (log == null) return; // the log was deleted, so the record is dead
            changing(log, () -> append(log, append, place));
        } else if (change instanceof Change.Moved moved) {
            LogState log = byNumber.get(moved.number());
            if (log == null) return;
            changing(log, () -> {
                if (log.moved(moved.id(), moved.from(), place, windows)) {
                    Window into = windows.current();
                    into.movedFrom = Math.min(into.movedFrom, moved.from());
                }
            });
        } else if (change instanceof Change.Truncate truncate) {
            changing(byNumber.get(truncate.number()), log -> log.truncate(truncate.lastToKeep()));
        } else if (change instanceof Change.Trim trim) {
            changing(byNumber.get(trim.number()), log -> log.trim(trim.discardUpTo()));
        } else if (change instanceof Change.Reset reset) {
            changing(byNumber.get(reset.number()), log -> log.reset(reset.nextId()));
        } else if (change instanceof Change.Put put) {
            changing(byNumber.get(put.number()), log -> log.put(put.key(), put.value()));
        } else if (change instanceof Change.Delete delete) {
            delete(byNumber.get(delete.number()));
        }
    }

    private interface Action {
        void run() throws CorruptLogException;
    }

    private interface LogAction {
        void apply(LogState log);
    }

    private void changing(@Nullable LogState log, LogAction action) throws CorruptLogException {
        if (log != null) {
            changing(log, () -> action.apply(log));
        }
    }

    private void changing(LogState log, Action action) throws CorruptLogException {
        log.lock.lock();
        try {
            log.capture(boundary);
            action.run();
            log.wakeCursors();
        } finally {
            log.lock.unlock();
        }
    }

    private static void append(LogState log, Change.Append append, long place) throws CorruptLogException {
        boolean fits = append.id() == log.ids.next() || (append.anywhere() && log.ids.isEmpty() && !log.ids.pinned());
        if (!fits) {
            throw StoreRecord.corrupt(
                    place,
                    "it appends record " + append.id() + " of log " + append.number() + ", whose next id is "
                            + log.ids.next());
        }
        log.append(append, place);
    }

    private void delete(@Nullable LogState log) throws CorruptLogException {
        if (log == null) return;
        byNumber.remove(log.number);
        byName.remove(log.name, log);
        changing(log, LogState::delete);
    }
}
