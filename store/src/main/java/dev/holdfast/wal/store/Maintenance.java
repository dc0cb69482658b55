package dev.holdfast.wal.store;

import dev.holdfast.wal.CallRefusedException;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the shared log small, on a thread of its own: seals windows, trims the shared log, and moves live records out
 * of the oldest windows where too much of the shared log is dead. Appends wait while this lags behind.
 */
final class Maintenance {
    /** Bytes of data that are moved in one batch. */
    private static final int MOVE_BYTES = 512 << 10;

    /** Checkpoints after which the shared log can be trimmed: the second newest decides. */
    private static final int CHECKPOINTS_A_TRIM = 3;

    /** Bytes of a record in the shared log besides its data, on average. */
    private static final int RECORD_BYTES = 24;

    private final Log shared;
    private final StoreState state;
    private final Writer writer;
    private final SharedReader reader;
    private final Sealer sealer;
    private final LogStoreOptions options;
    private final Executor executor;
    private final Object lock = new Object();
    private boolean requested; // guarded by the lock, as is the next field
    private boolean running;
    private volatile boolean diskIsFull;
    private volatile boolean closed;
    private final AtomicLong movedBytes = new AtomicLong();

    Maintenance(
            Log shared,
            StoreState state,
            Writer writer,
            SharedReader reader,
            Sealer sealer,
            LogStoreOptions options,
            Executor executor) {
        this.shared = shared;
        this.state = state;
        this.writer = writer;
        this.reader = reader;
        this.sealer = sealer;
        this.options = options;
        this.executor = executor;
    }

    long movedBytes() {
        return movedBytes.get();
    }

    /** Lets the thread look for work. Waits for nothing. */
    void request() {
        synchronized (lock) {
            requested = true;
            if (running) return;
            running = true;
        }
        try {
            executor.execute(this::run);
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            synchronized (lock) {
                running = false; // the next window's end tries again
            }
        }
    }

    /** The shared log refused an append because the disk is full: everything that is dead is freed. */
    void freeSpace() {
        diskIsFull = true;
        request();
    }

    void close() {
        closed = true;
    }

    private void run() {
        while (true) {
            synchronized (lock) {
                if (!requested || closed) {
                    running = false;
                    return;
                }
                requested = false;
            }
            try {
                work();
            } catch (CallRefusedException e) {
                writer.holdAppends(false); // the disk is full: appends are refused, and removals bring the next try
            } catch (IllegalStateException e) {
                if (!closed && !writer.isClosed()) {
                    writer.fail(e);
                }
            } catch (IOException | RuntimeException | Error e) {
                writer.fail(e);
                writer.holdAppends(false);
            }
        }
    }

    private void work() throws IOException {
        boolean full = diskIsFull;
        diskIsFull = false;
        seal(false);
        trim();
        // At least the windows in front of the oldest live record are freed, and at most every window is moved once.
        long lastWindow = state.windows.current().ordinal;
        int checkpoints = 0; // in a row
        long steps = (CHECKPOINTS_A_TRIM + 1) * (lastWindow - state.windows.oldest().ordinal + 1);
        while (!closed && steps-- > 0 && (full || keptBytes() > options.movingLimit(liveBytes()))) {
            writer.holdAppends(!full && keptBytes() > options.waitingLimit(liveBytes()));
            Window oldest = oldestLive();
            if (oldest == null || oldest.ordinal >= lastWindow || state.windows.oldest().ordinal >= lastWindow) break;
            if (oldest != state.windows.oldest()) {
                if (++checkpoints > CHECKPOINTS_A_TRIM) break;
                seal(true);
                trim();
            } else {
                checkpoints = 0;
                if (oldest.seal == null || !moveOut(oldest)) break;
            }
        }
        writer.holdAppends(false);
    }

    /** Returns the sum of all bytes in windows that are not trimmed. */
    long keptBytes() {
        return state.windows.all().stream()
                .mapToLong(window -> window.bytes.get())
                .sum();
    }

    /** Returns about how many bytes of the shared log are live. */
    long liveBytes() {
        long bytes = 0;
        for (LogState log : state.all()) {
            log.lock.lock();
            try {
                bytes += log.liveBytes + RECORD_BYTES * (log.ids.next() - log.ids.first());
            } finally {
                log.lock.unlock();
            }
        }
        return bytes;
    }

    /** Returns the oldest window that holds a live record; the newest sealed one if none does. */
    private @Nullable Window oldestLive() {
        List<Window> all = state.windows.all();
        Window current = all.get(all.size() - 1);
        long oldest = current.ordinal;
        for (LogState log : state.all()) {
            log.lock.lock();
            try {
                oldest = log.places.oldestWindow(log.ids.first(), log.ids.next(), all.get(0).ordinal, oldest);
                long recent = log.places.smallestRecentPlace();
                for (Window window : all) {
                    if (window.contains(recent)) {
                        oldest = Math.min(oldest, window.ordinal);
                    }
                }
            } finally {
                log.lock.unlock();
            }
        }
        return state.windows.get(oldest);
    }

    /** Seals the window that has ended. With a checkpoint, the current window ends first. */
    private void seal(boolean withCheckpoint) throws IOException {
        if (withCheckpoint) {
            sealEnded(true);
            writer.commitOwn(draft -> {
                draft.addBoundary();
                if (!writer.windowIsEnding()) {
                    draft.endWindow();
                }
            });
        }
        sealEnded(withCheckpoint);
    }

    private void sealEnded(boolean withCheckpoint) throws IOException {
        long since = 0;
        for (Window window : state.windows.all()) {
            since += window.start >= sealer.checkpointedTo() ? window.bytes.get() : 0;
        }
        if (sealer.seal(withCheckpoint || since >= Sealer.checkpointBytes(options))) {
            writer.windowSealed();
        }
    }

    /** Trims the shared log as far as the second newest checkpoint allows. */
    private void trim() throws IOException {
        long limit = sealer.trimLimit();
        OptionalLong first = shared.firstId();
        if (first.isEmpty() || limit <= first.getAsLong()) return;
        shared.sync();
        shared.trim(limit - 1);
        state.windows.trim(limit);
    }

    /** Appends the live records of a window again. Returns false if none was moved, or if one cannot be read. */
    private boolean moveOut(Window window) throws IOException {
        List<long[]> ranges = new ArrayList<>();
        try {
            reader.visitLive(window, (number, id, count) -> ranges.add(new long[] {number, id, count}));
            Moves moves = new Moves();
            for (long[] range : ranges) {
                LogState log = state.find(range[0]);
                for (long id = range[1]; log != null && id < range[1] + range[2] && !closed; id++) {
                    if (isIn(window, log, id)) {
                        moves.add(log, id, reader.place(window, log.number, id));
                    }
                }
            }
            moves.send();
            return moves.moved;
        } catch (CorruptLogException e) {
            return false; // a damaged record cannot be moved; its window stays until the record is removed
        }
    }

    private boolean isIn(Window window, LogState log, long id) {
        log.lock.lock();
        try {
            return log.holds(id)
                    && log.places.recentPlace(id) == Places.NOWHERE
                    && state.windows.isIn(log.places.window(id), window.start);
        } finally {
            log.lock.unlock();
        }
    }

    /** Collects records and sends them in batches. */
    private final class Moves {
        private record Move(long number, long id, long from, ByteBuffer data) {}

        private final List<Move> moves = new ArrayList<>();
        private long bytes;
        private boolean moved;

        void add(LogState log, long id, long place) throws IOException {
            ByteBuffer data = place == Places.NOWHERE ? null : reader.readAt(place, log.number, id);
            if (data == null) throw StoreRecord.corrupt(Math.max(0, place), "a live record is missing");
            moves.add(new Move(log.number, id, place, data));
            bytes += data.remaining() + RECORD_BYTES;
            if (bytes >= MOVE_BYTES) {
                send();
            }
        }

        void send() throws IOException {
            if (moves.isEmpty()) return;
            List<Move> batch = List.copyOf(moves);
            moves.clear();
            writer.commitOwn(draft -> {
                for (Move move : batch) {
                    draft.addMoved(move.number, move.id, move.from, move.data);
                }
            });
            moved = true;
            movedBytes.addAndGet(bytes);
            bytes = 0;
        }
    }
}
