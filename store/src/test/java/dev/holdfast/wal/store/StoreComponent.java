package dev.holdfast.wal.store;

import dev.holdfast.testkit.explorer.Component;
import dev.holdfast.testkit.explorer.SimulatedEnvironment;
import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.Storage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/** A store on a log on a simulated disk, for the crash explorer. */
final class StoreComponent implements Component<StoreContents> {
    private static final LogSettings SETTINGS = new LogSettings(32768, 8192, 1 << 20, 1 << 20, true, 8);

    private final LogStoreOptions options;

    StoreComponent(LogStoreOptions options) {
        this.options = options;
    }

    @Override
    public StoreContents empty() {
        return StoreContents.EMPTY;
    }

    @Override
    public Opened<StoreContents> open(Storage storage, SimulatedEnvironment environment) throws IOException {
        Log shared = StoredLog.open(storage, SETTINGS, environment.environment());
        Deque<Runnable> background = new ArrayDeque<>();
        BlockingAppends blocking = new BlockingAppends(shared);
        LogStore store = LogStore.on(blocking, options, background::add, () -> {});
        return new Opened<>() {
            @Override
            public StoreContents read() throws IOException {
                StoreContents contents = StoreContents.of(store);
                Damaged.check(shared, contents);
                return contents;
            }

            @Override
            public void runBackground(Runnable interleave) throws IOException {
                blocking.interleave = () -> {
                    if (!store.holdsAppends()) interleave.run();
                };
                for (Runnable task = background.poll(); task != null; task = background.poll()) {
                    task.run();
                }
                blocking.interleave = () -> {};
                store.requireUsable();
            }

            @Override
            public void close() throws IOException {
                store.close();
            }

            @Override
            public LogStore component() {
                return store;
            }
        };
    }

    @Override
    public Action<StoreContents> draw(SplittableRandom random, StoreContents contents) {
        RandomChange change = RandomChange.draw(random, contents, 4, 300);
        return new Action<>() {
            @Override
            public void perform(Opened<StoreContents> component) throws IOException {
                change.perform((LogStore) component.component());
            }

            @Override
            public List<StoreContents> effects() {
                return List.of(change.after());
            }

            @Override
            public String toString() {
                return change.toString();
            }
        };
    }

    /** A shared log with one damaged record. */
    private static final class Damaged extends ForwardingLog {
        private final long place;

        private Damaged(Log log, long place) {
            super(log);
            this.place = place;
        }

        /** Checks that opening finds the same without the newest checkpoint, and without an index record. */
        static void check(Log shared, StoreContents contents) throws IOException {
            Opening.Found found = Objects.requireNonNull(Opening.read(shared));
            if (found.checkpoint() == 0) return;
            SealBody seal = SealBody.read(
                    StoreRecord.decode(shared.read(found.checkpoint()).orElseThrow()));
            if (seal.checkpoint() >= shared.firstId().orElseThrow()) {
                check(new Damaged(shared, seal.positions().firstCheckpointPart()), contents, "checkpoint");
            }
            for (Window window : found.state().windows.all()) {
                Window.Seal index = window.seal;
                if (index != null && index.indexParts() > 0) {
                    check(new Damaged(shared, index.firstIndexPart()), contents, "index of " + window);
                    return; // the oldest: its records are the most likely to have been moved or removed
                }
            }
        }

        private static void check(Damaged shared, StoreContents contents, String what) throws IOException {
            StoreState state = Objects.requireNonNull(Opening.read(shared)).state();
            StoreContents found = StoreContents.of(state, new SharedReader(shared, state));
            if (!found.equals(contents)) {
                throw new AssertionError(
                        "with a damaged " + what + " the store holds " + found + ", expected " + contents);
            }
        }

        @Override
        public Optional<LogRecord> read(long id) throws IOException {
            if (id == place) throw new CorruptLogException("damaged by the test", "", 0, id, id);
            return super.read(id);
        }
    }

    /** Commits every append before it returns, because a simulation has only one thread. */
    private static final class BlockingAppends extends ForwardingLog {
        private Runnable interleave = () -> {};

        BlockingAppends(Log log) {
            super(log);
        }

        /** Lets a call of a user come between two steps of the maintenance, which reads what it moves. */
        @Override
        public Optional<LogRecord> read(long id) throws IOException {
            Optional<LogRecord> record = super.read(id);
            Runnable call = interleave;
            interleave = () -> {};
            call.run();
            interleave = call;
            return record;
        }

        @Override
        public CompletableFuture<Void> appendAsync(List<LogRecord> records, CommitHook hook) {
            try {
                append(records, hook);
                return CompletableFuture.completedFuture(null);
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
        }
    }
}
