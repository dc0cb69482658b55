package dev.holdfast.races;

import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Simulates a disk in memory that remembers the synced bytes, so one thread can take the state after a power failure
 * while another thread writes. Names are durable immediately. One lock guards all changes, so such a state belongs to
 * one moment.
 */
final class SyncedStorage extends ForwardingStorage {
    private final HeapStorage synced = new HeapStorage();

    SyncedStorage() {
        super(new HeapStorage());
    }

    /** Returns the disk that a power failure at this moment would leave. */
    synchronized Storage afterPowerLoss() {
        return synced.copy();
    }

    @Override
    public synchronized WritableFile create(String name) throws IOException {
        return new Remembering(super.create(name), synced.create(name));
    }

    @Override
    public synchronized WritableFile openForWriting(String name) throws IOException {
        return new Remembering(super.openForWriting(name), synced.openForWriting(name));
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        super.rename(from, to);
        synced.rename(from, to);
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        super.delete(name);
        synced.delete(name);
    }

    /** A file that repeats each write on the synced file as soon as the write is synced. */
    private final class Remembering extends Writer {
        private final WritableFile syncedFile;
        private final List<Unsynced> unsynced = new ArrayList<>();

        private record Unsynced(long offset, byte[] bytes) {}

        private Remembering(WritableFile file, WritableFile syncedFile) {
            super(file);
            this.syncedFile = syncedFile;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            SlowStorage.pause();
            synchronized (SyncedStorage.this) {
                super.write(offset, bytes, from, length);
                remember(offset, bytes, from, length);
            }
        }

        private void remember(long offset, byte[] bytes, int from, int length) {
            unsynced.add(new Unsynced(offset, Arrays.copyOfRange(bytes, from, from + length)));
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            SlowStorage.pause();
            synchronized (SyncedStorage.this) {
                super.writeSynced(offset, bytes, from, length);
                syncedFile.write(offset, bytes, from, length);
                if (!unsynced.isEmpty()) {
                    // A later sync repeats an earlier write, perhaps to the same place, and then this one again.
                    remember(offset, bytes, from, length);
                }
            }
        }

        @Override
        public void sync() throws IOException {
            SlowStorage.pause();
            synchronized (SyncedStorage.this) {
                super.sync();
                for (Unsynced write : unsynced) {
                    syncedFile.write(write.offset(), write.bytes(), 0, write.bytes().length);
                }
                unsynced.clear();
            }
        }
    }
}
