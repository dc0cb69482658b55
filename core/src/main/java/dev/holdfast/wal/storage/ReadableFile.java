package dev.holdfast.wal.storage;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file open for reading. Thread-safe. */
public interface ReadableFile extends Closeable {
    long length() throws IOException;

    /**
     * Reads bytes from an offset until the buffer is full or the file ends.
     *
     * @param into a direct buffer; its position advances by the number of bytes read
     * @return the number of bytes read; 0 if the offset is at or beyond the end of the file
     */
    int read(long offset, ByteBuffer into) throws IOException;
}
