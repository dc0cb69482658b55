package dev.holdfast.races;

import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Simulates a slow disk in memory that can fail. Some calls let other threads run first. Appends therefore form groups
 * and reads overlap writes, even if both threads share one processor. Adds no locks or volatiles to those of
 * {@link HeapStorage}, except in calls that write.
 */
final class SlowStorage extends ForwardingStorage {
    private volatile boolean broken;
    private int writesLeft = Integer.MAX_VALUE;

    SlowStorage() {
        super(new HeapStorage());
    }

    /** Makes every write and sync fail from now on. */
    void breakDown() {
        broken = true;
    }

    /** Makes writes fail after this number of writes. Must be called before the threads start. */
    void breakDownAfter(int writes) {
        writesLeft = writes;
    }

    /** Makes writes work again. */
    void repair() {
        broken = false;
        writesLeft = Integer.MAX_VALUE;
    }

    private void requireWorking() throws IOException {
        if (broken) {
            throw new IOException("simulated failure");
        }
    }

    static void pause() {
        if ((ThreadLocalRandom.current().nextInt() & 3) == 0) {
            Thread.yield();
        }
    }

    @Override
    public WritableFile create(String name) throws IOException {
        requireWorking();
        return super.create(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        requireWorking();
        super.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        requireWorking();
        super.delete(name);
    }

    @Override
    public void sync() throws IOException {
        requireWorking();
        super.sync();
    }

    @Override
    protected WritableFile wrap(WritableFile file) {
        return new Writer(file) {
            @Override
            public void write(long offset, byte[] bytes, int from, int length) throws IOException {
                broken |= writesLeft-- == 0;
                requireWorking();
                pause();
                super.write(offset, bytes, from, length);
            }

            @Override
            public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
                write(offset, bytes, from, length);
                pause();
            }

            @Override
            public void sync() throws IOException {
                requireWorking();
                super.sync();
            }
        };
    }

    @Override
    protected ReadableFile wrap(ReadableFile file) {
        return new Reader(file) {
            @Override
            public int read(long offset, ByteBuffer into) throws IOException {
                pause();
                return super.read(offset, into);
            }
        };
    }
}
