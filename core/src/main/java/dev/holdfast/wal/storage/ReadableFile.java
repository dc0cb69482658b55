package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A file open for reading by any number of threads. */
public interface ReadableFile extends AutoCloseable {
    /** The file's length in bytes, now. */
    long length() throws IOException;

    /**
     * Fills what remains of {@code into} from an offset, unless the file ends before.
     *
     * @param into a direct buffer; its position moves by what was read
     * @return how many bytes were read: 0 at or beyond the end of the file, otherwise as many as remained or as the
     *     file holds
     */
    int read(long offset, ByteBuffer into) throws IOException;

    @Override
    void close() throws IOException;
}
