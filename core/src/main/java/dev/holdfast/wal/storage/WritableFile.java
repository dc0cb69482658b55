package dev.holdfast.wal.storage;

import java.io.Closeable;
import java.io.IOException;

/** A file open for writing. {@link Storage} defines <em>written</em> and <em>synced</em>. Not thread-safe. */
public interface WritableFile extends Closeable {
    /**
     * Length in bytes from which {@link #writeSynced} may bypass the operating system's cache, if offset and length are
     * multiples of {@link #BLOCK_BYTES}. Such writes are faster, but later reads of these blocks are slower.
     */
    int BULK_BYTES = 256 << 10;

    int BLOCK_BYTES = 4096;

    /**
     * Writes bytes at an offset and returns when they are written, but not synced. Extends the file if the bytes end
     * beyond it. If the call fails, any part of the bytes may have been written.
     *
     * @throws NoSpaceException if the disk is full
     */
    void write(long offset, byte[] bytes, int from, int length) throws IOException;

    /** Writes as {@link #write} does, but returns only when these bytes are synced. */
    void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException;

    /** Syncs the file's length and all bytes written through this object. */
    void sync() throws IOException;

    /**
     * Checks that the file still has its name in the locked directory. Does nothing if no other process can rename it.
     *
     * @throws dev.holdfast.wal.LogFilesChangedException if another program moved, replaced or deleted file or directory
     */
    default void requireNamed() throws IOException {}
}
