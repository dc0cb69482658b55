package dev.holdfast.wal.storage;

import java.io.IOException;

/** A file open for writing; see {@link Storage} for what written and synced mean. One thread at a time. */
public interface WritableFile extends AutoCloseable {
    /**
     * Writes bytes at an offset; returns when they are written. Extends the file where they end beyond it. If it fails,
     * any part of them may have been written.
     *
     * @throws NoSpaceException if there is no room
     */
    void write(long offset, byte[] bytes, int from, int length) throws IOException;

    /** As {@link #write}, but returns when these bytes are synced. */
    void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException;

    /** Returns when all bytes written so far through this object are synced, and the file's length. */
    void sync() throws IOException;

    /**
     * Returns if the file still has its name, in the directory that was locked.
     *
     * @throws dev.holdfast.wal.LogFilesChangedException if somebody else moved, replaced or deleted it, or the
     *     directory; where nobody else can, this is not checked
     */
    default void requireNamed() throws IOException {}

    @Override
    void close() throws IOException;
}
