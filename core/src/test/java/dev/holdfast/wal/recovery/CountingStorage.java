package dev.holdfast.wal.recovery;

import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Delegates to another storage and counts the bytes read and written, except those of new spares. Takes no lock. */
final class CountingStorage implements Storage {
    private final Storage storage;
    private long bytesRead;
    private long bytesWritten;

    CountingStorage(Storage storage) {
        this.storage = storage;
    }

    long bytesRead() {
        return bytesRead;
    }

    long bytesWritten() {
        return bytesWritten;
    }

    @Override
    public String name() {
        return storage.name();
    }

    @Override
    public void lock() {}

    @Override
    public Optional<String> holder() throws IOException {
        return storage.holder();
    }

    @Override
    public List<StoredFile> list() throws IOException {
        return storage.list();
    }

    @Override
    public Optional<StoredFile> find(String name) throws IOException {
        return storage.find(name);
    }

    @Override
    public WritableFile create(String name) throws IOException {
        return storage.create(name);
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return new Writer(storage.openForWriting(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        return new Reader(storage.openForReading(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        storage.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        storage.delete(name);
    }

    @Override
    public void sync() throws IOException {
        storage.sync();
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }

    private final class Writer implements WritableFile {
        private final WritableFile file;

        private Writer(WritableFile file) {
            this.file = file;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            bytesWritten += length;
            file.write(offset, bytes, from, length);
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            bytesWritten += length;
            file.writeSynced(offset, bytes, from, length);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    private final class Reader implements ReadableFile {
        private final ReadableFile file;

        private Reader(ReadableFile file) {
            this.file = file;
        }

        @Override
        public long length() throws IOException {
            return file.length();
        }

        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
            int read = file.read(offset, into);
            bytesRead += read;
            return read;
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
