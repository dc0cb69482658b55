package dev.holdfast.testkit.disk;

import dev.holdfast.wal.storage.ReadableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;

/** A file of a {@link CrashDisk}, opened for reading. */
final class CrashFileView implements ReadableFile {
    private final CrashDisk disk;
    private final int life;
    private final int number;
    private volatile boolean closed;

    CrashFileView(CrashDisk disk, int life, int number) {
        this.disk = disk;
        this.life = life;
        this.number = number;
    }

    @Override
    public long length() throws IOException {
        return open().length(number);
    }

    @Override
    public int read(long offset, ByteBuffer into) throws IOException {
        if (offset < 0) {
            throw new IllegalArgumentException("offset must be >= 0, was " + offset);
        }
        return open().read(number, offset, into);
    }

    @Override
    public void close() {
        closed = true;
    }

    private CrashDisk open() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        disk.requireLife(life);
        return disk;
    }
}
