package dev.holdfast.wal.store;

import dev.holdfast.wal.store.Window.Seal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the index record of each window that has ended, and checkpoints. One thread at a time calls it.
 *
 * <p>Everything describes the state at the end of the window, though it is written later: a log remembers that state
 * before it changes ({@link LogState#capture}). So what opening finds is the checkpoint, the index records up to it,
 * and the changes behind the end of its window.
 */
final class Sealer {
    /** Bytes of the shared log after which a seal has a checkpoint, at most. They bound what opening has to replay. */
    private static final long CHECKPOINT_BYTES = 64L << 20;

    /** The same, in windows: a store with small windows writes its checkpoints as often as its windows allow. */
    private static final int CHECKPOINT_WINDOWS = 4;

    static long checkpointBytes(LogStoreOptions options) {
        return Math.min(CHECKPOINT_BYTES, CHECKPOINT_WINDOWS * options.windowBytes());
    }

    /** What is written for one window. It is kept until it is durable, because a full disk may refuse it. */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    private record Prepared(
            Window window,
            List<ByteBuffer> positions,
            long[] numbers,
            long[] ids,
            List<ByteBuffer> index,
            List<ByteBuffer> checkpoint,
            long needs,
            List<LogState> logs) {}

    private final StoreState state;
    private final Writer writer;
    private @Nullable Prepared prepared;
    private volatile long newestCheckpoint; // place of its seal
    private long newestNeeds;
    private volatile long trimLimit; // what the second newest checkpoint needs
    private long checkpointedTo; // end of the newest window with a checkpoint

    Sealer(StoreState state, Writer writer, Opening.Found found) {
        this.state = state;
        this.writer = writer;
        newestCheckpoint = found.checkpoint();
        newestNeeds = found.needs();
        trimLimit = found.olderNeeds();
        checkpointedTo = found.checkpointedTo();
    }

    /** Returns the smallest place that must stay: what opening from the second newest checkpoint needs. */
    long trimLimit() {
        return trimLimit;
    }

    /**
     * Writes the index record of the window that has ended, if one has.
     *
     * @param withCheckpoint whether a checkpoint is written, too
     * @return whether a seal was written
     */
    boolean seal(boolean withCheckpoint) throws IOException {
        Prepared now = prepared;
        if (now == null) {
            Boundary ended = state.boundary();
            if (ended == null) return false;
            now = prepare(ended, withCheckpoint);
            prepared = now;
        }
        write(now);
        prepared = null;
        for (LogState log : now.logs) {
            log.lock.lock();
            try {
                log.places.seal(now.window.ordinal, now.window.start, now.window.end);
            } finally {
                log.lock.unlock();
            }
        }
        return true;
    }

    private Prepared prepare(Boundary ended, boolean withCheckpoint) {
        Window window = windowOf(ended);
        List<Window> before = state.windows.all().subList(0, state.windows.all().indexOf(window));
        Positions.Encoder positions = new Positions.Encoder(ended.start());
        Index index = new Index();
        Checkpoint.Encoder checkpoint = new Checkpoint.Encoder(before);
        List<LogState> logs = state.logsAt(ended);
        logs.sort(Comparator.comparingLong(log -> log.number));
        List<LogState> inWindow = new ArrayList<>();
        long oldest = window.ordinal;
        for (LogState log : logs) {
            LogState.Captured captured;
            log.lock.lock();
            try {
                captured = log.takeCaptured(ended);
                oldest = Math.min(
                        oldest,
                        log.places.oldestWindow(
                                log.ids.first(), log.ids.next(), state.windows.oldest().ordinal, window.ordinal));
            } finally {
                log.lock.unlock();
            }
            if (!captured.runs().isEmpty()) {
                positions.add(log.number, captured.runs());
                index.add(log.number, captured.runs());
                inWindow.add(log);
            }
            if (withCheckpoint) {
                checkpoint.add(log.number, log.name, captured);
            }
        }
        long needs = Math.min(state.windows.get(oldest).start, movedFromBehind(window));
        return new Prepared(
                window,
                positions.records(),
                positions.numbers(),
                positions.ids(),
                index.parts(),
                withCheckpoint ? checkpoint.parts() : List.of(),
                needs,
                inWindow);
    }

    private Window windowOf(Boundary ended) {
        for (Window window : state.windows.all()) {
            if (window.start == ended.start()) return window;
        }
        throw new AssertionError("no window begins at " + ended);
    }

    /**
     * Returns the smallest start of a window from which a record was moved behind this window. A replay from the
     * checkpoint must find the record where it came from, or it takes the move for a dead one (decision 24).
     */
    private long movedFromBehind(Window window) {
        long from = Long.MAX_VALUE;
        for (Window later : state.windows.all()) {
            if (later.ordinal > window.ordinal) {
                from = Math.min(from, later.movedFrom);
            }
        }
        for (Window origin : state.windows.all()) {
            if (origin.contains(from)) return origin.start;
        }
        return from;
    }

    private void write(Prepared now) throws IOException {
        writer.commitOwn(seal -> {
            long firstPosition = seal.nextPlace();
            now.positions.forEach(part -> seal.addOwn(Kind.POSITIONS, part));
            now.index.forEach(part -> seal.addOwn(Kind.INDEX, part));
            now.checkpoint.forEach(part -> seal.addOwn(Kind.CHECKPOINT, part));
            long place = seal.nextPlace();
            Seal positions =
                    new Seal(place, firstPosition, now.numbers, now.ids, now.index.size(), now.checkpoint.size());
            boolean hasCheckpoint = !now.checkpoint.isEmpty();
            SealBody body = new SealBody(
                    place,
                    now.window.ordinal,
                    now.window.start,
                    now.window.end,
                    now.window.bytes.get(),
                    positions,
                    hasCheckpoint ? now.needs : 0,
                    newestCheckpoint);
            seal.addOwn(Kind.SEAL, SealBody.write(body));
            seal.whenApplied(() -> sealed(now, positions, hasCheckpoint));
        });
    }

    /** The seal is durable. Runs on the thread of the shared log. */
    private void sealed(Prepared now, Seal seal, boolean hasCheckpoint) {
        now.window.seal = seal;
        writer.sealed(seal.place());
        state.boundaryDone();
        if (hasCheckpoint) {
            newestCheckpoint = seal.place();
            trimLimit = newestNeeds;
            newestNeeds = now.needs;
            checkpointedTo = now.window.end;
        }
    }

    long checkpointedTo() {
        return checkpointedTo;
    }
}
