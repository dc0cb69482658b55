package dev.holdfast.wal.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.wal.CorruptLogException;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.threads.DaemonThreads;
import dev.holdfast.wal.threads.HookThread;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Many logs on one shared log. Appends of all logs share each sync, and the logs share a few files and threads. Each
 * log of the store is a whole {@link Log} with ids of its own. docs/store.md says when to use a store, and how it
 * works.
 *
 * <p>A log of a store also has small values, for example the term and the vote of a Raft group. {@link #batch()}
 * changes any number of logs and values at once: after a crash, all changes are there or none.
 *
 * <p><b>Threads.</b> Every method is safe from any number of threads, with the interrupt rules of {@link Log}.
 *
 * <p><b>Hooks.</b> The commit hooks of all logs of a store run one at a time. A hook of one log must not call a method
 * that writes to any log of the store; such a call throws {@link IllegalStateException}.
 */
public final class LogStore implements Closeable {
    /** Maximum length of the name of a log, and of the key of a value, in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = 255;

    /** Maximum length of a value, in bytes. */
    public static final int MAX_VALUE_BYTES = 4 << 10;

    /** Maximum length of all keys and values of a log together, in bytes. */
    public static final int MAX_VALUES_BYTES = 64 << 10;

    private static final int IDLE_SECONDS = 10;

    private final Log shared;
    private final StoreState state;
    private final Writer writer;
    private final SharedReader reader;
    private final Maintenance maintenance;
    private final Completions completions = new Completions();
    private final Completions.Line batchCompletions = completions.new Line();
    private final List<String> damage;
    private final @Nullable StoreFollower follower; // null in a store that is open for writing
    private final Runnable whenClosed;
    private final Map<String, StoreLog> handles = new HashMap<>(); // guarded by itself
    private final Set<String> creating = new HashSet<>(); // guarded by the handles
    private boolean closing; // guarded by the handles

    private enum Access {
        READ_ONLY,
        WRITING
    }

    private LogStore(Log shared, LogStoreOptions options, Access access, Executor maintainer, Runnable whenClosed)
            throws IOException {
        this.shared = shared;
        this.whenClosed = whenClosed;
        Opening.Found found = access == Access.READ_ONLY ? Opening.readBesideWriter(shared) : Opening.read(shared);
        if (found == null && access == Access.READ_ONLY) {
            throw StoreRecord.corrupt(shared.nextId(), "the shared log is empty: nobody has opened the store yet");
        }
        if (found == null) {
            begin(shared);
            found = Opening.read(shared);
            if (found == null) throw new AssertionError("the shared log is empty after an append");
        }
        state = found.state();
        damage = List.copyOf(found.damage());
        writer = new Writer(shared, state, options.windowBytes(), found.anchor());
        reader = new SharedReader(shared, state);
        Sealer sealer = new Sealer(state, writer, found);
        maintenance = new Maintenance(shared, state, writer, reader, sealer, options, maintainer);
        writer.whenWindowEnds(maintenance::request);
        follower = access == Access.READ_ONLY ? new StoreFollower(shared, found) : null;
    }

    private static void begin(Log shared) throws IOException {
        Draft draft = new Draft(new StoreState(new Windows(List.of())), Math.max(1, shared.nextId()), 0);
        draft.addStore();
        shared.append(draft.records());
    }

    /**
     * Opens the store in a directory with default options; creates it if the directory does not exist or is empty.
     *
     * @throws CorruptLogException if the store or its shared log is damaged in a way that it cannot do without
     * @throws dev.holdfast.wal.LogLockedException if the store is open already
     */
    public static LogStore open(Path directory) throws IOException {
        return open(directory, LogStoreOptions.builder().build());
    }

    /** Opens the store in a directory as {@link #open(Path)} does, with options. */
    public static LogStore open(Path directory, LogStoreOptions options) throws IOException {
        if (options.shared().maxRecordBytes() < LogRecord.MAX_DATA_BYTES) {
            throw new IllegalArgumentException("the shared log of a store must take records of "
                    + LogRecord.MAX_DATA_BYTES + " bytes, its options allow "
                    + options.shared().maxRecordBytes());
        }
        Path sharedDirectory =
                StoreDirectory.prepare(directory, options.shared().createIfMissing());
        return on(FileLog.open(sharedDirectory, options.shared()), options);
    }

    /**
     * Opens the store in a directory for reading, also while another process writes it, as {@link FileLog#openReadOnly}
     * does. Readers see what the writer has made durable. Methods that change something throw
     * {@link IllegalStateException}.
     *
     * @throws CorruptLogException if the store is damaged, or nobody has opened it for writing yet
     */
    public static LogStore openReadOnly(Path directory) throws IOException {
        Path sharedDirectory = StoreDirectory.prepare(directory, false);
        return on(
                FileLog.openReadOnly(sharedDirectory),
                LogStoreOptions.builder().build(),
                Access.READ_ONLY,
                task -> {},
                () -> {});
    }

    /**
     * Opens a store on a log, or creates it if the log is empty. The log belongs to the store from now on: nobody else
     * may write to it, and it is closed with the store.
     *
     * @param shared a log that takes records of 1 MiB
     * @throws CorruptLogException if the log holds records that are not those of a store, or damaged ones that the
     *     store cannot do without; the log is closed
     */
    public static LogStore on(Log shared, LogStoreOptions options) throws IOException {
        ThreadPoolExecutor maintainer = DaemonThreads.executor("holdfast-store-maintainer", IDLE_SECONDS);
        return on(shared, options, maintainer, maintainer::shutdown);
    }

    /** Opens a store whose maintenance runs in an executor, for tests. */
    static LogStore on(Log shared, LogStoreOptions options, Executor maintainer, Runnable whenClosed)
            throws IOException {
        return on(shared, options, Access.WRITING, maintainer, whenClosed);
    }

    private static LogStore on(
            Log shared, LogStoreOptions options, Access access, Executor maintainer, Runnable whenClosed)
            throws IOException {
        try {
            return new LogStore(shared, options, access, maintainer, whenClosed);
        } catch (Throwable e) {
            try {
                whenClosed.run();
                shared.close();
            } catch (Throwable suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    Log shared() {
        return shared;
    }

    HookThread hooks() {
        return writer.hooks;
    }

    /**
     * Returns the log of a name. Creates it, durably, if there is none. All callers share one object until it is
     * closed.
     *
     * @param name 1 to {@value #MAX_NAME_BYTES} bytes in UTF-8
     * @throws IllegalArgumentException if the name is too long, empty or no valid text
     */
    public Log log(String name) throws IOException {
        checkName("name", name);
        hooks().refuseHook();
        refresh();
        while (true) {
            synchronized (handles) {
                awaitCreation(name);
                if (closing) throw closed();
                StoreLog open = handles.get(name);
                if (open != null && !open.log.deleted) return open;
                LogState known = state.find(name);
                if (known != null) return handle(known);
                creating.add(name);
            }
            try {
                commitAppend(draft -> {
                    if (state.find(name) == null) {
                        draft.addCreate(name);
                    }
                });
            } finally {
                synchronized (handles) {
                    creating.remove(name);
                    handles.notifyAll();
                }
            }
        }
    }

    private void awaitCreation(String name) {
        boolean interrupted = false;
        while (creating.contains(name)) {
            try {
                handles.wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private StoreLog handle(LogState log) {
        StoreLog handle = new StoreLog(this, log, writer, reader, completions);
        handles.put(log.name, handle);
        return handle;
    }

    /** Returns the log of a name, or empty if there is none. */
    public Optional<Log> find(String name) {
        checkName("name", name);
        refreshIfPossible();
        synchronized (handles) {
            if (closing) throw closed();
            LogState known = state.find(name);
            if (known == null) return Optional.empty();
            StoreLog open = handles.get(name);
            return Optional.of(open != null && open.log == known ? open : handle(known));
        }
    }

    /** Returns the names of all logs at this moment, in the order of their characters. */
    public SortedSet<String> names() {
        refreshIfPossible();
        synchronized (handles) {
            if (closing) throw closed();
        }
        return Collections.unmodifiableSortedSet(new TreeSet<>(state.byName().keySet()));
    }

    /**
     * Deletes a log with its records and values, durably. Does nothing if there is none of that name. Its handles and
     * cursors throw {@link IllegalStateException} from then on.
     */
    public void delete(String name) throws IOException {
        Optional<Log> log = find(name);
        if (log.isEmpty()) return;
        try {
            batch().delete(log.get()).commit();
        } catch (IllegalStateException e) {
            if (state.find(name) != null) throw e; // otherwise another thread deleted it
        }
    }

    /** Returns a small value of a log, or empty if the log has no such value. The buffer is read-only. */
    public Optional<ByteBuffer> get(Log log, String key) {
        checkName("key", key);
        StoreLog handle = handleOf(log);
        handle.checkOpen();
        handle.log.lock.lock();
        try {
            ByteBuffer value = handle.log.values.get(key);
            return value == null ? Optional.empty() : Optional.of(value.asReadOnlyBuffer());
        } finally {
            handle.log.lock.unlock();
        }
    }

    /** Returns a new, empty batch. */
    public StoreBatch batch() {
        return new StoreBatch(this);
    }

    /** Returns the figures of the store at this moment. Also works on a closed store. */
    public LogStoreStats stats() {
        return new LogStoreStats(
                state.byName().size(),
                maintenance.liveBytes(),
                maintenance.keptBytes(),
                state.windows.all().size(),
                maintenance.movedBytes(),
                writer.appendWaits(),
                shared.stats());
    }

    /**
     * Returns what opening found damaged and did without: an index record whose window was scanned, or a checkpoint
     * that an older one replaced. Empty as a rule.
     */
    public List<String> damage() {
        return damage;
    }

    /** Returns whether appends wait now, because too much of the shared log is dead. */
    boolean holdsAppends() {
        return writer.holdsAppends();
    }

    /** Throws if the store failed. */
    void requireUsable() throws IOException {
        writer.checkUsable();
    }

    /** Applies what the writer has added, in a store that is open for reading. */
    void refresh() throws IOException {
        if (follower != null) {
            follower.refresh();
        }
    }

    /** Does what {@link #refresh} does. If that fails, callers see what was known before. */
    void refreshIfPossible() {
        try {
            refresh();
        } catch (IOException e) {
            return; // a read of a record will report it
        }
    }

    /** Waits for the writer, in a store that is open for reading. Returns whether it is. */
    boolean awaitAsFollower(LogState log, long seenChanges, long nanos) throws IOException, InterruptedException {
        if (follower == null) return false;
        follower.await(log, seenChanges, nanos);
        return true;
    }

    LogStats.State state(@Nullable Throwable failure) {
        if (follower != null) return LogStats.State.READ_ONLY;
        return failure == null ? LogStats.State.OPEN : LogStats.State.FAILED;
    }

    StoreLog handleOf(Log log) {
        if (log instanceof StoreLog handle && handle.belongsTo(this)) return handle;
        throw new IllegalArgumentException("the log is not one of this store: " + log);
    }

    /** Commits an append. If the disk is full, the maintenance frees what is dead. */
    void commitAppend(Writer.Call call) throws IOException {
        requireWritable();
        try {
            writer.commitAppend(call);
        } catch (DiskFullException e) {
            maintenance.freeSpace();
            throw e;
        }
    }

    void commitRemoval(Writer.Call call) throws IOException {
        requireWritable();
        writer.commit(call);
    }

    CompletableFuture<Void> commitAsync(Writer.Call call) {
        return commitAsync(call, batchCompletions, () -> null);
    }

    /** Commits an append without waiting. The future completes on a thread of the store, in the order of the line. */
    <T> CompletableFuture<T> commitAsync(Writer.Call call, Completions.Line line, Supplier<@Nullable T> outcome) {
        requireWritable();
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            writer.commitAsync(
                    call,
                    (draft, thrown) -> line.execute(() -> {
                        Throwable failure = thrown == null ? failureOf(draft) : answer(thrown);
                        if (failure == null) {
                            result.complete(outcome.get());
                        } else {
                            result.completeExceptionally(failure);
                        }
                    }));
        } catch (IOException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    private void requireWritable() {
        if (follower != null) {
            throw new IllegalStateException("the store was opened for reading only; open it for writing to change it");
        }
    }

    private @Nullable Throwable failureOf(Draft draft) {
        Throwable failure = draft.failure();
        return failure == null ? draft.hookFailure() : Writer.failed(failure);
    }

    private Throwable answer(Throwable cause) {
        if (cause instanceof DiskFullException) {
            maintenance.freeSpace();
        }
        return writer.answer(cause);
    }

    /** A handle is being closed: the next call for its log makes another. */
    void closing(StoreLog handle) {
        synchronized (handles) {
            handles.remove(handle.log.name, handle);
        }
    }

    /**
     * Closes every log of the store and the shared log. Waits for the changes in flight. Idempotent. Later calls throw
     * {@link IllegalStateException}.
     */
    @Override
    public void close() throws IOException {
        hooks().refuseHook();
        List<StoreLog> open;
        synchronized (handles) {
            closing = true;
            open = List.copyOf(handles.values());
            handles.clear();
        }
        if (!writer.close()) return;
        maintenance.close();
        for (StoreLog handle : open) {
            handle.closeHandle();
        }
        whenClosed.run();
        completions.close();
        if (follower != null) {
            follower.close();
        }
        shared.close();
    }

    static IllegalStateException closed() {
        return new IllegalStateException("the store is closed");
    }

    static IllegalStateException deleted(String name) {
        return new IllegalStateException("the log was deleted: " + quoted(name));
    }

    /** Returns a name for a message, with control characters, quotes and backslashes escaped. */
    static String quoted(String name) {
        StringBuilder text = new StringBuilder("\"");
        name.codePoints().forEach(c -> {
            if (c == '"' || c == '\\') {
                text.append('\\').appendCodePoint(c);
            } else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
                text.append(String.format("\\u%04x", c));
            } else {
                text.appendCodePoint(c);
            }
        });
        return text.append('"').toString();
    }

    static void checkName(String what, String name) {
        if (!UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException("the " + what + " is no valid text: " + quoted(name));
        }
        int bytes = name.getBytes(UTF_8).length;
        if (bytes < 1 || bytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("the " + what + " must have 1 to " + MAX_NAME_BYTES
                    + " bytes in UTF-8, this one has " + bytes + ": " + quoted(name));
        }
    }

    static void checkValues(String name, Map<String, ByteBuffer> values) {
        long bytes = 0;
        for (Map.Entry<String, ByteBuffer> value : values.entrySet()) {
            bytes += value.getKey().getBytes(UTF_8).length + value.getValue().remaining();
        }
        if (bytes > MAX_VALUES_BYTES) {
            throw new IllegalArgumentException("the keys and values of a log must have at most " + MAX_VALUES_BYTES
                    + " bytes together, those of " + quoted(name) + " would have " + bytes);
        }
    }
}
