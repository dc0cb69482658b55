package dev.holdfast.cli.demo;

import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** A storage that lies while {@code lies} is true: every sync reports success and does nothing. */
record DishonestStorage(Storage honest, BooleanSupplier lies) implements Storage {
    private record Writable(WritableFile honest, BooleanSupplier lies) implements WritableFile {
        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            honest.write(offset, bytes, from, length);
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            if (lies.getAsBoolean()) {
                honest.write(offset, bytes, from, length);
            } else {
                honest.writeSynced(offset, bytes, from, length);
            }
        }

        @Override
        public void sync() throws IOException {
            if (!lies.getAsBoolean()) {
                honest.sync();
            }
        }

        @Override
        public void close() throws IOException {
            honest.close();
        }
    }

    @Override
    public void sync() throws IOException {
        if (!lies.getAsBoolean()) {
            honest.sync();
        }
    }

    @Override
    public WritableFile create(String name) throws IOException {
        return new Writable(honest.create(name), lies);
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return new Writable(honest.openForWriting(name), lies);
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        return honest.openForReading(name);
    }

    @Override
    public String name() {
        return honest.name();
    }

    @Override
    public void lock() throws IOException {
        honest.lock();
    }

    @Override
    public Optional<String> holder() throws IOException {
        return honest.holder();
    }

    @Override
    public void publish(byte[] hint) throws IOException {
        honest.publish(hint);
    }

    @Override
    public ByteBuffer hint() {
        return honest.hint();
    }

    @Override
    public List<StoredFile> list() throws IOException {
        return honest.list();
    }

    @Override
    public void rename(String from, String to) throws IOException {
        honest.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        honest.delete(name);
    }

    @Override
    public void close() throws IOException {
        honest.close();
    }
}
