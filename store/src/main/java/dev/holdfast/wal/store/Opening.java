package dev.holdfast.wal.store;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.store.FieldReader.MalformedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the state of a store from its shared log; changes nothing. The last record names the newest seal. Its
 * checkpoint says what the logs were at the end of its window, the index records up to it say where their records are,
 * and the records behind that window are replayed.
 */
final class Opening {
    /**
     * What was found.
     *
     * @param anchor place of the newest seal; 0 if there is none
     * @param checkpoint place of the newest seal with a checkpoint; 0 if there is none
     * @param needs smallest place that opening from that checkpoint needs
     * @param olderNeeds the same of the checkpoint before
     * @param checkpointedTo the place from which on records were replayed
     * @param nextPlace the place after the last record that was replayed
     * @param replay applies the records from there on
     * @param damage what was damaged and could be done without
     */
    record Found(
            StoreState state,
            long anchor,
            long checkpoint,
            long needs,
            long olderNeeds,
            long checkpointedTo,
            long nextPlace,
            Replay replay,
            List<String> damage) {}

    private final Log shared;
    private final long firstPlace;
    private final long lastPlace;
    private final List<String> damage = new ArrayList<>();
    private final Set<Long> damagedSeals = new HashSet<>();
    private final List<Window> scanned = new ArrayList<>();

    private long anchor;
    private long checkpointSeal;
    private long needs;
    private long olderNeeds;
    private long checkpointedTo;

    private Opening(Log shared, long firstPlace, long lastPlace) {
        this.shared = shared;
        this.firstPlace = firstPlace;
        this.lastPlace = lastPlace;
    }

    /** Returns the state of a store, or null if the shared log is empty. */
    static @Nullable Found read(Log shared) throws IOException {
        OptionalLong first = shared.firstId();
        OptionalLong last = shared.lastId();
        if (first.isEmpty() || last.isEmpty()) return null;
        return new Opening(shared, first.getAsLong(), last.getAsLong()).read();
    }

    /** Reads the state beside a writer, which may trim the shared log meanwhile. Null if the shared log is empty. */
    static @Nullable Found readBesideWriter(Log shared) throws IOException {
        while (true) {
            OptionalLong first = shared.firstId();
            try {
                return read(shared);
            } catch (CorruptLogException | RecordsRemovedException e) {
                if (shared.firstId().equals(first)) throw e; // otherwise records were trimmed under this reading
            }
        }
    }

    private Found read() throws IOException {
        long candidate = newestSealBefore(lastPlace + 1);
        anchor = candidate;
        CorruptLogException damaged = null;
        while (candidate != 0) {
            try {
                SealBody seal = seal(candidate);
                if (seal.hasCheckpoint() || seal.checkpoint() == 0) {
                    if (!seal.hasCheckpoint()) break;
                    return from(seal);
                }
                candidate = seal.checkpoint();
                continue;
            } catch (CorruptLogException e) {
                damaged = e;
                damagedSeals.add(candidate);
                damage.add("the checkpoint at record " + candidate + " of the shared log is damaged, an older one was "
                        + "used: " + e.getMessage());
            }
            candidate = newestSealBefore(candidate);
        }
        return fromTheBeginning(damaged);
    }

    /** Returns the newest seal that a readable record before a place names; 0 if there is none. */
    private long newestSealBefore(long place) throws IOException {
        CorruptLogException unreadable = null;
        for (long at = place - 1; at >= firstPlace; at--) {
            LogRecord record;
            try {
                record = recordAt(at);
            } catch (CorruptLogException e) {
                unreadable = e;
                continue;
            }
            StoreRecord decoded = StoreRecord.decode(record);
            long named = decoded.kind() == Kind.SEAL ? at : decoded.anchor();
            return named < firstPlace ? 0 : named;
        }
        if (unreadable != null) throw unreadable;
        return 0;
    }

    private LogRecord recordAt(long place) throws IOException {
        Optional<LogRecord> record = shared.read(place);
        if (record.isEmpty()) {
            throw StoreRecord.corrupt(place, "it is missing, the shared log holds " + firstPlace + " to " + lastPlace);
        }
        return record.get();
    }

    private SealBody seal(long place) throws IOException {
        return SealBody.read(StoreRecord.decode(recordAt(place)));
    }

    private Found fromTheBeginning(@Nullable CorruptLogException damaged) throws IOException {
        StoreRecord first = StoreRecord.decode(recordAt(firstPlace));
        if (damaged != null && first.kind() != Kind.STORE) throw damaged; // the beginning was trimmed
        StoreHeader.check(first);
        StoreState state = new StoreState(new Windows(List.of(new Window(0, firstPlace))));
        needs = firstPlace;
        olderNeeds = firstPlace;
        checkpointedTo = firstPlace;
        return replay(state, firstPlace);
    }

    private Found from(SealBody seal) throws IOException {
        Checkpoint checkpoint;
        try {
            checkpoint = Checkpoint.read(SharedReader.parts(
                    shared,
                    Kind.CHECKPOINT,
                    seal.positions().firstCheckpointPart(),
                    seal.positions().checkpointParts()));
        } catch (MalformedException e) {
            throw StoreRecord.corrupt(seal.place(), "its checkpoint is malformed: " + e.getMessage());
        }
        List<Window> windows = new ArrayList<>();
        for (Checkpoint.KnownWindow known : checkpoint.windows()) {
            if (known.start() >= firstPlace) {
                windows.add(window(known));
            }
        }
        Window sealed = new Window(seal.ordinal(), seal.start());
        sealed.end = seal.end();
        sealed.bytes.set(seal.bytes());
        sealed.seal = seal.positions();
        windows.add(sealed);
        Window current = new Window(seal.ordinal() + 1, seal.end());
        windows.add(current);
        StoreState state = new StoreState(new Windows(windows));
        checkpoint.logs().forEach(state::add);
        for (Window window : windows) {
            if (window != current) {
                index(state, window);
            }
        }
        for (LogState log : state.all()) {
            log.places.truncate(log.ids.next());
            log.places.trim(log.ids.first());
        }
        checkpointSeal = seal.place();
        needs = seal.needs();
        olderNeeds = olderNeeds(seal);
        checkpointedTo = seal.end();
        return replay(state, seal.end());
    }

    /** Returns what the checkpoint before needs; the first place of the shared log if that is unknown. */
    private long olderNeeds(SealBody seal) throws IOException {
        try {
            return seal.checkpoint() < firstPlace
                    ? firstPlace
                    : seal(seal.checkpoint()).needs();
        } catch (CorruptLogException e) {
            damage.add("the seal at record " + seal.checkpoint() + " of the shared log is damaged: " + e.getMessage());
            return firstPlace;
        }
    }

    private Window window(Checkpoint.KnownWindow known) throws IOException {
        Window window = new Window(known.ordinal(), known.start());
        window.end = known.end();
        window.bytes.set(known.bytes());
        try {
            window.seal = seal(known.seal()).positions();
        } catch (CorruptLogException e) {
            window.seal = new Window.Seal(known.seal(), known.seal(), new long[0], new long[0], 0, 0);
            scanned.add(window);
            damage.add(scanMessage(window, e));
        }
        return window;
    }

    private static String scanMessage(Window window, Exception e) {
        return "the index record of " + window + " is damaged, the window was scanned instead: " + e.getMessage();
    }

    /** Adds the records of a window to the logs' maps. */
    private void index(StoreState state, Window window) throws IOException {
        Window.Seal seal = window.seal;
        if (seal == null) throw new AssertionError("not sealed: " + window);
        List<long[]> ranges = new ArrayList<>();
        boolean scan = scanned.contains(window);
        if (!scan) {
            try {
                Index.read(
                        SharedReader.parts(shared, Kind.INDEX, seal.firstIndexPart(), seal.indexParts()),
                        (number, id, count) -> ranges.add(new long[] {number, id, count}));
            } catch (CorruptLogException | MalformedException e) {
                damage.add(scanMessage(window, e));
                scanned.add(window);
                ranges.clear();
                scan = true;
            }
        }
        if (scan) {
            WindowScan found = WindowScan.of(shared, window.start, window.end, (number, id, from) -> {
                LogState log = state.find(number);
                if (log == null) return false;
                long known = log.places.window(id);
                // A place that was trimmed is not known any more. A newer place of the record would be known.
                return known == Places.NOWHERE ? from < state.windows.oldest().start : state.windows.isIn(known, from);
            });
            window.scan = found;
            found.visit((number, id, count) -> ranges.add(new long[] {number, id, count}));
        }
        for (long[] range : ranges) {
            LogState log = state.find(range[0]);
            if (log != null) {
                log.places.putSealed(range[1], range[2], window.ordinal);
            }
        }
    }

    /** Applies the records from a place on. */
    private Found replay(StoreState state, long place) throws IOException {
        Replay replay = new Replay(state);
        long nextPlace = place;
        try (LogCursor cursor = shared.cursor(place)) {
            while (cursor.next()) {
                LogRecord record = cursor.record();
                state.windows.current().bytes.addAndGet(Draft.bytesOf(record));
                if (record.id() != nextPlace) { // a cursor begins at the first record that was not trimmed
                    throw StoreRecord.corrupt(nextPlace, "it is missing, record " + record.id() + " comes next");
                }
                nextPlace++;
                SealBody seal = replay.apply(StoreRecord.decode(record));
                if (seal != null) {
                    sealed(seal);
                }
            }
        }
        return new Found(state, anchor, checkpointSeal, needs, olderNeeds, checkpointedTo, nextPlace, replay, damage);
    }

    /** A seal behind the checkpoint that opening began with. */
    private void sealed(SealBody seal) {
        anchor = seal.place();
        boolean isNewer = seal.place() > checkpointSeal; // the seal that opening began with is behind its window, too
        if (isNewer && seal.hasCheckpoint() && !damagedSeals.contains(seal.place())) {
            olderNeeds = needs;
            needs = seal.needs();
            checkpointSeal = seal.place();
            checkpointedTo = seal.end();
        }
    }
}
