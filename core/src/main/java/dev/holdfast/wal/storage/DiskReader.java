package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;

/** A file open for reading. No interrupt closes it, and it stays readable after its name is deleted. */
final class DiskReader implements ReadableFile {
    private final Path path;
    private final UninterruptibleFile file;

    private DiskReader(Path path, UninterruptibleFile file) {
        this.path = path;
        this.file = file;
    }

    static DiskReader open(Path path) throws IOException {
        // Without this check, opening a pipe would wait for its writer, and opening a directory would succeed.
        Attributes.keyOfRegular(path);
        return new DiskReader(path, UninterruptibleFile.openForReading(path));
    }

    @Override
    public long length() throws IOException {
        try {
            return file.length();
        } catch (IOException e) {
            throw failed("reading its length", e);
        }
    }

    @Override
    public int read(long offset, ByteBuffer into) throws IOException {
        if (offset < 0) throw new IllegalArgumentException("offset must be >= 0, was " + offset);
        // For a heap buffer, the JDK would cache a direct buffer of the same size per thread, forever.
        if (!into.isDirect()) throw new IllegalArgumentException("the buffer must be direct");
        int start = into.position();
        try {
            while (into.hasRemaining()) {
                if (file.read(offset + (into.position() - start), into) < 0) break;
            }
        } catch (IOException e) {
            throw failed("reading " + into.remaining() + " bytes at byte " + (offset + (into.position() - start)), e);
        }
        return into.position() - start;
    }

    /** Closes the file after reads in progress have ended; later reads fail. Idempotent. */
    @Override
    public void close() throws IOException {
        file.close();
    }

    private IOException failed(String what, IOException cause) {
        if (cause instanceof ClosedChannelException)
            return new IOException(path + ": was closed before " + what, cause);
        return new IOException(path + ": " + what + " failed: " + cause.getMessage(), cause);
    }
}
