package dev.holdfast.testkit.disk;

import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Objects;

/** A file of a {@link CrashDisk}, opened for writing. */
final class CrashFile implements WritableFile {
    private final CrashDisk disk;
    private final int life;
    private final int number;
    private final String name;
    private boolean closed;

    CrashFile(CrashDisk disk, int life, int number, String name) {
        this.disk = disk;
        this.life = life;
        this.number = number;
        this.name = name;
    }

    @Override
    public void write(long offset, byte[] bytes, int from, int length) throws IOException {
        open(offset, bytes, from, length).write(number, name, offset, bytes, from, length, false);
    }

    @Override
    public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
        open(offset, bytes, from, length).write(number, name, offset, bytes, from, length, true);
    }

    @Override
    public void sync() throws IOException {
        open().syncFile(number, name);
    }

    @Override
    public void close() {
        closed = true;
    }

    private CrashDisk open(long offset, byte[] bytes, int from, int length) throws IOException {
        if (offset < 0) {
            throw new IllegalArgumentException("offset must be >= 0, was " + offset);
        }
        Objects.checkFromIndexSize(from, length, bytes.length);
        return open();
    }

    private CrashDisk open() throws IOException {
        if (closed) {
            throw new ClosedChannelException();
        }
        disk.requireLife(life);
        return disk;
    }
}
