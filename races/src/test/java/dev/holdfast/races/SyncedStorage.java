package dev.holdfast.races;

import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Simulates a disk in memory that remembers the synced bytes, so one thread can take the state after a power failure
 * while another thread writes. Names are durable immediately. One lock guards everything, so such a state belongs to
 * one moment.
 */
final class SyncedStorage implements Storage {
    private final Map<String, Content> files = new TreeMap<>();

    private static final class Content {
        private byte[] written = new byte[0];
        private byte[] synced = new byte[0];
    }

    /** Returns the disk that a power failure at this moment would leave. */
    synchronized Storage afterPowerLoss() {
        SyncedStorage left = new SyncedStorage();
        files.forEach((name, content) -> {
            Content copy = new Content();
            copy.synced = content.synced.clone();
            copy.written = content.synced.clone();
            left.files.put(name, copy);
        });
        return left;
    }

    private Content content(String name) throws NoSuchFileException {
        Content content = files.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return content;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public void lock() {}

    @Override
    public Optional<String> holder() {
        return Optional.empty();
    }

    @Override
    public synchronized List<StoredFile> list() {
        return files.entrySet().stream()
                .map(file -> new StoredFile(file.getKey(), file.getValue().written.length, 1, true))
                .toList();
    }

    @Override
    public synchronized WritableFile create(String name) throws IOException {
        files.put(name, new Content());
        return openForWriting(name);
    }

    @Override
    public synchronized WritableFile openForWriting(String name) throws IOException {
        return new Writer(content(name));
    }

    @Override
    public synchronized ReadableFile openForReading(String name) throws IOException {
        return new Reader(content(name));
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        files.put(to, content(from));
        files.remove(from);
    }

    @Override
    public synchronized void delete(String name) {
        files.remove(name);
    }

    @Override
    public void sync() {}

    @Override
    public void close() {}

    private static byte[] with(byte[] bytes, long offset, byte[] more, int from, int length) {
        byte[] result = Arrays.copyOf(bytes, Math.max(bytes.length, (int) offset + length));
        System.arraycopy(more, from, result, (int) offset, length);
        return result;
    }

    private final class Writer implements WritableFile {
        private final Content content;

        private Writer(Content content) {
            this.content = content;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) {
            RamStorage.pause();
            synchronized (SyncedStorage.this) {
                content.written = with(content.written, offset, bytes, from, length);
            }
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) {
            RamStorage.pause();
            synchronized (SyncedStorage.this) {
                content.written = with(content.written, offset, bytes, from, length);
                content.synced = with(content.synced, offset, bytes, from, length);
            }
        }

        @Override
        public void sync() {
            RamStorage.pause();
            synchronized (SyncedStorage.this) {
                content.synced = content.written.clone();
            }
        }

        @Override
        public void close() {}
    }

    private final class Reader implements ReadableFile {
        private final Content content;

        private Reader(Content content) {
            this.content = content;
        }

        private byte[] bytes() {
            synchronized (SyncedStorage.this) {
                return content.written;
            }
        }

        @Override
        public long length() {
            return bytes().length;
        }

        @Override
        public int read(long offset, ByteBuffer into) {
            byte[] bytes = bytes();
            int length = (int) Math.max(0, Math.min(into.remaining(), bytes.length - offset));
            into.put(bytes, (int) Math.min(offset, bytes.length), length);
            return length;
        }

        @Override
        public void close() {}
    }
}
