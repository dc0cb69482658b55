package dev.holdfast.testkit.disk;

import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The {@link Storage} of one simulated process. Every call throws after the process has crashed. */
final class CrashProcess implements Storage {
    private final CrashDisk disk;
    private final int life;
    private final int number;

    CrashProcess(CrashDisk disk, int life, int number) {
        this.disk = disk;
        this.life = life;
        this.number = number;
    }

    @Override
    public String name() {
        return "crash disk";
    }

    @Override
    public OptionalLong freeBytes() {
        return OptionalLong.of(disk.freeBytes());
    }

    @Override
    public String toString() {
        return "process " + number;
    }

    @Override
    public void lock() throws IOException {
        alive().lock(this);
    }

    @Override
    public Optional<String> holder() throws IOException {
        return alive().holder();
    }

    @Override
    public void publish(byte[] hint) throws IOException {
        alive().publish(this, hint);
    }

    @Override
    public ByteBuffer hint() {
        return disk.hint();
    }

    @Override
    public List<StoredFile> list() throws IOException {
        return alive().list();
    }

    @Override
    public Optional<Object> namesStamp() throws IOException {
        return Optional.of(alive().namesStamp());
    }

    @Override
    public Optional<Object> identity(String name) throws IOException {
        try {
            return Optional.of(alive().find(name));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public WritableFile create(String name) throws IOException {
        return new CrashFile(disk, life, alive().create(name), name);
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return new CrashFile(disk, life, alive().find(name), name);
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        return new CrashFileView(disk, life, alive().find(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        alive().rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        alive().delete(name);
    }

    @Override
    public void sync() throws IOException {
        alive().syncNames();
    }

    @Override
    public void close() {
        disk.unlock(this);
    }

    private CrashDisk alive() throws IOException {
        disk.requireLife(life);
        return disk;
    }
}
