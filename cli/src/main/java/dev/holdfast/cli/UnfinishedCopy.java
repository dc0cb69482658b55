package dev.holdfast.cli;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.store.LogStore;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The mark of a log of a store to which records are being copied. It stays if the copying process is killed, and lets
 * the next copy start again.
 */
final class UnfinishedCopy {
    private static final String KEY = "holdfast.copy";

    private UnfinishedCopy() {}

    static boolean is(LogStore store, Log log) {
        return store.get(log, KEY).isPresent();
    }

    /** Removes all records of a log, and marks it. */
    static void begin(LogStore store, Log log) throws IOException {
        store.batch().truncate(log, -1).put(log, KEY, ByteBuffer.allocate(0)).commit();
    }

    /** Removes the mark: the copy is complete. */
    static void end(LogStore store, Log log) throws IOException {
        store.batch().remove(log, KEY).commit();
    }

    /** Removes all records and the mark. */
    static void undo(LogStore store, Log log) throws IOException {
        store.batch().truncate(log, -1).remove(log, KEY).commit();
    }
}
