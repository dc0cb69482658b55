package dev.holdfast.wal.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.CommitHookException;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.commit.CommitQueue;
import dev.holdfast.wal.threads.HookThread;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One atomic batch for the shared log: its records, and what they do. Records are added while the numbering is locked.
 * When the shared log commits the batch, {@link #committed} applies the changes and runs the user's hook.
 */
final class Draft implements CommitQueue.QueuedHook {
    /** Bytes that the shared log needs for a record besides its data, at least. */
    private static final int RECORD_BYTES = 8;

    private record Touched(LogState log, LogState.Numbered numbered) {}

    private record Placed(Change change, long place) {}

    private final StoreState state;
    private final long firstPlace;
    private final long anchor;
    private final List<LogRecord> records = new ArrayList<>(2);
    private final List<Placed> changes = new ArrayList<>(1);
    private final List<Touched> touched = new ArrayList<>(1);
    private @Nullable HookThread hookThread;
    private CommitHook hook = CommitHook.NONE;
    private @Nullable CommitHookException hookException;
    private Runnable whenApplied = () -> {};
    private boolean endsWindow;
    private long bytes;

    private volatile @Nullable CommitHookException hookFailure;
    private volatile @Nullable Throwable failure;
    private @Nullable Committed afterwards;
    private Runnable whenQueued = () -> {};

    /** Hears that a batch was applied, or could not be. */
    interface Committed {
        void committed(Draft draft, @Nullable Throwable failure);
    }

    Draft(StoreState state, long firstPlace, long anchor) {
        this.state = state;
        this.firstPlace = firstPlace;
        this.anchor = anchor;
    }

    /** Returns the bytes that a record takes in the shared log, at least. */
    static int bytesOf(LogRecord record) {
        return record.size() + RECORD_BYTES;
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    List<LogRecord> records() {
        return records;
    }

    /** Returns the bytes of the batch, as the shared log counts them. */
    long bytes() {
        return bytes;
    }

    long nextPlace() {
        return firstPlace + records.size();
    }

    long lastPlace() {
        return nextPlace() - 1;
    }

    /** Ends the current window before this batch. */
    void endWindow() {
        endsWindow = true;
    }

    boolean endsWindow() {
        return endsWindow;
    }

    void whenApplied(Runnable action) {
        whenApplied = action;
    }

    /** Runs an action once the shared log has queued the batch, if it tells so. */
    void whenQueued(Runnable action) {
        whenQueued = action;
    }

    @Override
    public void queued() {
        whenQueued.run();
    }

    void afterwards(Committed committed) {
        afterwards = committed;
    }

    /** Runs the hook of an append when it is committed. */
    void hook(CommitHook userHook, HookThread thread, long firstId) {
        if (userHook == CommitHook.NONE) return;
        hook = userHook;
        hookThread = thread;
        hookException = CommitHookException.madeInAdvance(firstId);
    }

    /** Returns a copy of the log's state after the changes numbered so far. The copy is kept if the batch is sent. */
    LogState.Numbered numbered(LogState log) {
        for (Touched known : touched) {
            if (known.log == log) return known.numbered;
        }
        LogState.Numbered copy = log.numbered.copy();
        if (copy.deleted) throw LogStore.deleted(log.name);
        touched.add(new Touched(log, copy));
        return copy;
    }

    /** The batch was sent: later batches are numbered behind it. */
    void install() {
        for (Touched log : touched) {
            log.numbered.newest = lastPlace();
            log.log.numbered = log.numbered;
        }
    }

    private FieldWriter header(Kind kind, long number, long id, int bodyBytes) {
        return StoreRecord.header(kind, false, nextPlace(), anchor, number, id, 0, bodyBytes);
    }

    private long add(FieldWriter fields, @Nullable Change change) {
        long place = nextPlace();
        if (change != null) {
            changes.add(new Placed(change, place));
        }
        records.add(LogRecord.wrap(place, fields.toBuffer()));
        bytes += fields.length() + RECORD_BYTES;
        if (bytes > Log.MAX_BATCH_BYTES) {
            throw new IllegalArgumentException("a batch must have at most " + Log.MAX_BATCH_BYTES
                    + " bytes with the headers of its records, up to "
                    + (StoreRecord.MAX_HEADER_BYTES + RECORD_BYTES)
                    + " a record; this one has more. Nothing of it was written");
        }
        return place;
    }

    void addStore() {
        add(StoreHeader.write(header(Kind.STORE, 0, 0, StoreHeader.BYTES)), null);
    }

    void addBoundary() {
        add(header(Kind.BOUNDARY, 0, 0, 0), null);
    }

    long addCreate(String name) {
        byte[] utf8 = name.getBytes(UTF_8);
        return add(header(Kind.CREATE, 0, 0, utf8.length).writeBytes(ByteBuffer.wrap(utf8)), new Change.Create(name));
    }

    /**
     * Adds records with consecutive ids.
     *
     * @param anywhere whether the log is empty and the first id may be any id
     */
    void addAppend(long number, long firstId, boolean anywhere, ByteBuffer[] data) {
        int runStart = 0;
        long runPlace = nextPlace();
        long runBytes = 0;
        for (int i = 0; i < data.length; i++) {
            boolean begins = anywhere && i == 0;
            boolean split = addData(begins ? Kind.APPEND_AT : Kind.APPEND, number, firstId + i, 0, data[i]);
            runBytes += data[i].remaining();
            if (split || i == data.length - 1) { // the rest of a record is between this record and the next
                changes.add(new Placed(
                        new Change.Append(
                                number, firstId + runStart, anywhere && runStart == 0, i + 1 - runStart, runBytes),
                        runPlace));
                runStart = i + 1;
                runPlace = nextPlace();
                runBytes = 0;
            }
        }
    }

    void addMoved(long number, long id, long from, ByteBuffer data) {
        changes.add(new Placed(new Change.Moved(number, id, from), nextPlace()));
        addData(Kind.MOVED, number, id, from, data);
    }

    /** Adds a record with data, and a second one if both header and data do not fit into one. */
    private boolean addData(Kind kind, long number, long id, long from, ByteBuffer data) {
        int room = LogRecord.MAX_DATA_BYTES - StoreRecord.MAX_HEADER_BYTES;
        if (data.remaining() <= room) {
            add(
                    StoreRecord.header(kind, false, nextPlace(), anchor, number, id, from, data.remaining())
                            .writeBytes(data),
                    null);
            return false;
        }
        ByteBuffer first = data.slice(data.position(), room);
        ByteBuffer rest = data.slice(data.position() + room, data.remaining() - room);
        add(
                StoreRecord.header(kind, true, nextPlace(), anchor, number, id, from, room)
                        .writeBytes(first),
                null);
        add(header(Kind.REST, number, id, rest.remaining()).writeBytes(rest), null);
        return true;
    }

    void addTruncate(long number, long lastToKeep) {
        add(header(Kind.TRUNCATE, number, lastToKeep, 0), new Change.Truncate(number, lastToKeep));
    }

    void addTrim(long number, long discardUpTo) {
        add(header(Kind.TRIM, number, discardUpTo, 0), new Change.Trim(number, discardUpTo));
    }

    void addReset(long number, long nextId) {
        add(header(Kind.RESET, number, nextId, 0), new Change.Reset(number, nextId));
    }

    void addPut(long number, String key, ByteBuffer value) {
        FieldWriter fields = header(Kind.PUT, number, 0, 2 * value.remaining());
        add(fields.writeText(key).writeBytes(value), new Change.Put(number, key, value));
    }

    void addRemove(long number, String key) {
        add(header(Kind.REMOVE, number, 0, 32).writeText(key), new Change.Put(number, key, null));
    }

    void addDelete(long number) {
        add(header(Kind.DELETE, number, 0, 0), new Change.Delete(number));
    }

    /** Adds a record of the store itself. */
    long addOwn(Kind kind, ByteBuffer body) {
        return add(header(kind, 0, 0, body.remaining()).writeBytes(body), null);
    }

    @Override
    public void committed(long place) {
        Throwable thrown = null;
        try {
            if (endsWindow) {
                state.endWindow(place);
            }
            state.windows.current().bytes.addAndGet(bytes);
            for (Placed placed : changes) {
                state.apply(placed.change, placed.place);
            }
            whenApplied.run();
        } catch (Throwable e) {
            failure = e;
            thrown = e;
        }
        if (thrown == null && hookThread != null && hookException != null) {
            hookFailure = hookThread.run(hook, hookException);
        }
        if (afterwards != null) {
            afterwards.committed(this, thrown);
        }
    }

    @Nullable
    Throwable failure() {
        return failure;
    }

    @Nullable
    CommitHookException hookFailure() {
        return hookFailure;
    }
}
