package dev.holdfast.wal.store;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.ids.Batch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A change of several logs of one store, all or nothing, with one sync. The calls take effect in their order. After a
 * crash, the store holds all changes of the batch or none; readers of different logs may see them one after the other.
 * Used once, by one thread at a time.
 *
 * <p>Mistakes of a single call throw at once, and the batch stays as it was. Mistakes that depend on what the logs
 * hold, such as an id out of order, throw in {@link #commit}, and nothing is changed.
 */
public final class StoreBatch {
    private interface Step {
        void number(Draft draft, LogState log);
    }

    private final LogStore store;
    private final List<Consumer<Draft>> steps = new ArrayList<>();
    private final Map<Log, Long> firstIds = new HashMap<>();
    private boolean removes = true; // whether every step removes something
    private boolean committed;

    StoreBatch(LogStore store) {
        this.store = store;
    }

    private StoreBatch add(Log log, Step step) {
        if (committed) throw new IllegalStateException("the batch was committed before; a batch is used once");
        StoreLog handle = store.handleOf(log);
        steps.add(draft -> {
            handle.checkWritable();
            step.number(draft, handle.log);
        });
        return this;
    }

    /** Appends each buffer as a record; the log assigns the ids. The bytes are copied by the commit. */
    public StoreBatch append(Log log, ByteBuffer... data) {
        return append(log, Batch.withoutIds(List.of(data), LogRecord.MAX_DATA_BYTES));
    }

    /** Appends records with explicit ids, as {@link Log#append(List)} does. */
    public StoreBatch append(Log log, List<LogRecord> records) {
        return append(log, Batch.of(records, LogRecord.MAX_DATA_BYTES));
    }

    private StoreBatch append(Log log, Batch batch) {
        if (batch.isEmpty()) return add(log, (draft, state) -> {});
        removes = false;
        return add(log, (draft, state) -> firstIds.putIfAbsent(log, StoreLog.numberAppend(draft, state, batch)));
    }

    /** Removes the newest records, as {@link Log#truncate} does. */
    public StoreBatch truncate(Log log, long lastToKeep) {
        if (lastToKeep < -1) throw new IllegalArgumentException("last id to keep must be >= -1, was " + lastToKeep);
        return add(log, (draft, state) -> {
            draft.numbered(state).ids.truncate(lastToKeep);
            draft.addTruncate(state.number, lastToKeep);
        });
    }

    /** Removes the oldest records, as {@link Log#trim} does. */
    public StoreBatch trim(Log log, long discardUpTo) {
        if (discardUpTo < -1) {
            throw new IllegalArgumentException("id to discard up to must be >= -1, was " + discardUpTo);
        }
        return add(log, (draft, state) -> {
            draft.numbered(state).ids.trim(discardUpTo);
            if (discardUpTo >= 0) {
                draft.addTrim(state.number, discardUpTo);
            }
        });
    }

    /** Removes all records and fixes the next id, as {@link Log#reset} does. Keeps the log's values. */
    public StoreBatch reset(Log log, long nextId) {
        return add(log, (draft, state) -> {
            draft.numbered(state).ids.reset(nextId);
            draft.addReset(state.number, nextId);
        });
    }

    /**
     * Sets a small value of a log. The bytes are copied at once.
     *
     * @param key 1 to {@value LogStore#MAX_NAME_BYTES} bytes in UTF-8
     * @param value at most {@value LogStore#MAX_VALUE_BYTES} bytes; all keys and values of a log have at most
     *     {@value LogStore#MAX_VALUES_BYTES} bytes together
     */
    public StoreBatch put(Log log, String key, ByteBuffer value) {
        LogStore.checkName("key", key);
        if (value.remaining() > LogStore.MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("a value must have at most " + LogStore.MAX_VALUE_BYTES
                    + " bytes, the one of key " + LogStore.quoted(key) + " has " + value.remaining());
        }
        ByteBuffer copy = LogRecord.of(0, value).data();
        removes = false;
        return add(log, (draft, state) -> {
            LogState.Numbered numbered = draft.numbered(state);
            Map<String, ByteBuffer> values = LogState.with(numbered.values, key, copy);
            LogStore.checkValues(state.name, values);
            numbered.values = values;
            draft.addPut(state.number, key, copy);
        });
    }

    /** Removes a small value of a log, if it has that value. */
    public StoreBatch remove(Log log, String key) {
        LogStore.checkName("key", key);
        return add(log, (draft, state) -> {
            LogState.Numbered numbered = draft.numbered(state);
            numbered.values = LogState.with(numbered.values, key, null);
            draft.addRemove(state.number, key);
        });
    }

    /** Deletes a log, as {@link LogStore#delete} does. Later calls of this batch may not name it. */
    public StoreBatch delete(Log log) {
        return add(log, (draft, state) -> {
            draft.numbered(state).deleted = true;
            draft.addDelete(state.number);
        });
    }

    /**
     * Commits the batch, and returns when it is durable. A batch without calls does nothing.
     *
     * @throws IllegalArgumentException if a call is a mistake, or the batch is too large; nothing was changed
     * @throws IllegalStateException if the store or one of the logs is closed, or the batch was committed before
     * @throws dev.holdfast.wal.DiskFullException if the disk has no room; nothing was changed
     * @throws dev.holdfast.wal.LogFailedException if writing failed; after reopening, all was changed or nothing
     */
    public void commit() throws IOException {
        begin();
        if (removes) {
            store.commitRemoval(this::number);
        } else {
            store.commitAppend(this::number);
        }
    }

    /**
     * Commits the batch without waiting: the future completes when it is durable. Its errors are those of
     * {@link #commit}; mistakes are thrown at once.
     */
    public CompletableFuture<Void> commitAsync() {
        begin();
        return store.commitAsync(this::number);
    }

    private void begin() {
        if (committed) throw new IllegalStateException("the batch was committed before; a batch is used once");
        committed = true;
    }

    private void number(Draft draft) {
        firstIds.clear();
        steps.forEach(step -> step.accept(draft));
    }

    /** Returns the id of the first record that the batch appended to a log; empty if it appended none. */
    public OptionalLong firstId(Log log) {
        Long id = firstIds.get(log);
        return id == null ? OptionalLong.empty() : OptionalLong.of(id);
    }
}
