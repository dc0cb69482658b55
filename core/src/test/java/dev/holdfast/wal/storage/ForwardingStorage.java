package dev.holdfast.wal.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Forwards every call to another storage. A test overrides the calls that it counts, delays, skips or lets fail. */
public class ForwardingStorage implements Storage {
    private final Storage storage;

    public ForwardingStorage(Storage storage) {
        this.storage = storage;
    }

    /** Returns what {@link #create} and {@link #openForWriting} return in place of a file of the other storage. */
    protected WritableFile wrap(WritableFile file) {
        return file;
    }

    /** Returns what {@link #openForReading} returns in place of a file of the other storage. */
    protected ReadableFile wrap(ReadableFile file) {
        return file;
    }

    @Override
    public String name() {
        return storage.name();
    }

    @Override
    public void lock() throws IOException {
        storage.lock();
    }

    @Override
    public Optional<String> holder() throws IOException {
        return storage.holder();
    }

    @Override
    public void publish(byte[] hint) throws IOException {
        storage.publish(hint);
    }

    @Override
    public ByteBuffer hint() {
        return storage.hint();
    }

    @Override
    public List<StoredFile> list() throws IOException {
        return storage.list();
    }

    @Override
    public Optional<Object> namesStamp() throws IOException {
        return storage.namesStamp();
    }

    @Override
    public Optional<Object> identity(String name) throws IOException {
        return storage.identity(name);
    }

    @Override
    public Optional<StoredFile> find(String name) throws IOException {
        return storage.find(name);
    }

    @Override
    public WritableFile create(String name) throws IOException {
        return wrap(storage.create(name));
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return wrap(storage.openForWriting(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        return wrap(storage.openForReading(name));
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
    public OptionalLong freeBytes() {
        return storage.freeBytes();
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }

    /** Forwards every call to another file. */
    public static class Writer implements WritableFile {
        private final WritableFile file;

        public Writer(WritableFile file) {
            this.file = file;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            file.write(offset, bytes, from, length);
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            file.writeSynced(offset, bytes, from, length);
        }

        @Override
        public void sync() throws IOException {
            file.sync();
        }

        @Override
        public void requireNamed() throws IOException {
            file.requireNamed();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** Forwards every call to another file. */
    public static class Reader implements ReadableFile {
        private final ReadableFile file;

        public Reader(ReadableFile file) {
            this.file = file;
        }

        @Override
        public long length() throws IOException {
            return file.length();
        }

        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
            return file.read(offset, into);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
