package dev.holdfast.testkit.explorer;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.engine.Environment;
import dev.holdfast.wal.engine.LogSettings;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Simulates a disk that skips one kind of sync. Any log on it loses records in some crash. */
final class SkippingStorage implements Storage {
    enum Skipped {
        SYNC_OF_NAMES,
        SYNC_OF_A_FILE,
        SYNC_OF_A_WRITE
    }

    private final Storage disk;
    private final Skipped skipped;

    private SkippingStorage(Storage disk, Skipped skipped) {
        this.disk = disk;
        this.skipped = skipped;
    }

    static Subject under(Subject subject, Skipped skipped) {
        return new Subject() {
            @Override
            public Log open(Storage storage, LogSettings settings, Environment workers) throws IOException {
                return subject.open(new SkippingStorage(storage, skipped), settings, workers);
            }

            @Override
            public Log openReadOnly(Storage storage, LogSettings settings, Environment workers) throws IOException {
                return subject.openReadOnly(storage, settings, workers);
            }

            @Override
            public OptionalLong unprovenFrom(Log readOnly) {
                return subject.unprovenFrom(readOnly);
            }
        };
    }

    @Override
    public String name() {
        return disk.name();
    }

    @Override
    public void lock() throws IOException {
        disk.lock();
    }

    @Override
    public Optional<String> holder() throws IOException {
        return disk.holder();
    }

    @Override
    public List<StoredFile> list() throws IOException {
        return disk.list();
    }

    @Override
    public WritableFile create(String name) throws IOException {
        return new File(disk.create(name));
    }

    @Override
    public WritableFile openForWriting(String name) throws IOException {
        return new File(disk.openForWriting(name));
    }

    @Override
    public ReadableFile openForReading(String name) throws IOException {
        return disk.openForReading(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        disk.delete(name);
    }

    @Override
    public void sync() throws IOException {
        if (skipped != Skipped.SYNC_OF_NAMES) {
            disk.sync();
        }
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }

    private final class File implements WritableFile {
        private final WritableFile file;

        File(WritableFile file) {
            this.file = file;
        }

        @Override
        public void write(long offset, byte[] bytes, int from, int length) throws IOException {
            file.write(offset, bytes, from, length);
        }

        @Override
        public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
            if (skipped == Skipped.SYNC_OF_A_WRITE) {
                file.write(offset, bytes, from, length);
            } else {
                file.writeSynced(offset, bytes, from, length);
            }
        }

        @Override
        public void sync() throws IOException {
            if (skipped != Skipped.SYNC_OF_A_FILE) {
                file.sync();
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
