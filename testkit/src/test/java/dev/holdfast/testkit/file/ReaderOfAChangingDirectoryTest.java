package dev.holdfast.testkit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.disk.CrashDisk;
import dev.holdfast.wal.Log;
import dev.holdfast.wal.RecordsRemovedException;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
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
    private static final class OnceEmpty extends ForwardingStorage {
        private int countdown;

        OnceEmpty(Storage storage, int countdown) {
            super(storage);
            this.countdown = countdown;
        }

        @Override
        public List<StoredFile> list() throws IOException {
            countdown--;
            return super.list().stream()
                    .filter(file -> countdown != 0 || !file.name().endsWith(".seg"))
                    .toList();
        }

        @Override
        public Optional<StoredFile> find(String name) throws IOException {
            return list().stream().filter(file -> file.name().equals(name)).findFirst();
        }

        /** Returns no stamp, so the reader lists the directory each time. */
        @Override
        public Optional<Object> namesStamp() {
            return Optional.empty();
        }
    }
}
