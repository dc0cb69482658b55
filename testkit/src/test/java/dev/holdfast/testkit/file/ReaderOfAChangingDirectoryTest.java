package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.ReadableFile;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks readers whose directory listing contains no segment. A listing is not a snapshot: while one segment replaces
 * another, a listing may contain neither.
 */
class ReaderOfAChangingDirectoryTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void listingWithoutAnySegmentIsRepeated(int listing) throws IOException {
        CrashDisk disk = new CrashDisk();
        Expected expected = new Expected();
        SimulatedLog writer = SimulatedLog.open(disk);
        expected.append(writer.log(), 100, 100, 100);
        expected.append(writer.log(), 100);
        writer.environment().idle();
        Storage storage = new OnceEmpty(disk.process(), listing);
        try (Log reader = StoredLog.openReadOnly(storage, () -> 0)) {
            assertThat(AllRecords.of(reader)).isEqualTo(expected.records());
            expected.truncate(writer.log(), 2);
            expected.append(writer.log(), 200);
            writer.environment().idle();
            // A reader detects the truncation when it reaches the last record that it knows.
            assertThatThrownBy(() -> AllRecords.of(reader)).isInstanceOf(RecordsRemovedException.class);
            assertThat(AllRecords.of(reader)).isEqualTo(expected.records());
        }
    }

    /** Simulates a storage that returns no segments in one of its listings. */
    private static final class OnceEmpty implements Storage {
        private final Storage storage;
        private int countdown;

        OnceEmpty(Storage storage, int countdown) {
            this.storage = storage;
            this.countdown = countdown;
        }

        @Override
        public List<StoredFile> list() throws IOException {
            countdown--;
            return storage.list().stream()
                    .filter(file -> countdown != 0 || !file.name().endsWith(".seg"))
                    .toList();
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
        public WritableFile create(String name) throws IOException {
            return storage.create(name);
        }

        @Override
        public WritableFile openForWriting(String name) throws IOException {
            return storage.openForWriting(name);
        }

        @Override
        public ReadableFile openForReading(String name) throws IOException {
            return storage.openForReading(name);
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
    }
}
