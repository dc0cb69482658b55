package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fills the disk of a storage: every refusal is reported, nothing is lost, and a trim or reset makes room. */
class FullDiskTest {
    private static final int SEGMENT_BYTES = 64 << 10;

    @TempDir
    Path parent;

    private LogStorage storage(Path path) {
        return new HoldfastServiceFactory(SEGMENT_BYTES).createLogStorage(path.toString(), new RaftOptions());
    }

    /** Appends until an append fails, and returns the last acknowledged index. */
    static long fill(LogStorage storage, int entryBytes) {
        long index = storage.getLastLogIndex();
        while (storage.appendEntries(new ArrayList<>(List.of(Entries.data(index + 1, 1, entryBytes)))) == 1) {
            index++;
            assertThat(index).as("index of an append that should fail").isLessThan(1_000_000);
        }
        return index;
    }

    @Test
    void fullDiskIsReportedAndLosesNothing() throws Exception {
        onSmallDisk(disk -> {
            LogStorage storage = storage(disk.resolve("log"));
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            long last = fill(storage, 10_000);
            assertThat(last).isGreaterThan(50);
            assertThat(FailureTest.described(storage)).contains("no room");
            assertThat(storage.getLastLogIndex()).isEqualTo(last);
            assertThat(storage.getEntry(last)).isEqualTo(Entries.data(last, 1, 10_000));
            storage.shutdown();
            assertThat(StorageUnderTest.opens(storage))
                    .as("opens on a full disk")
                    .isTrue();
            for (long index = 1; index <= last; index++) {
                assertThat(storage.getEntry(index)).isEqualTo(Entries.data(index, 1, 10_000));
            }
            assertThat(storage.truncatePrefix(last - 2))
                    .as("frees space on a full disk")
                    .isTrue();
            assertThat(storage.appendEntry(Entries.data(last + 1, 1, 10_000))).isTrue();
            storage.shutdown();
        });
    }

    @Test
    void fullStorageIsTrimmedAndAppendsWorkAgainWithoutReopening() throws Exception {
        onSmallDisk(disk -> {
            LogStorage storage = storage(disk.resolve("log"));
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            long first = 1;
            for (int round = 0; round < 3; round++) {
                long last = fill(storage, 10_000);
                writeFull(disk);
                assertThat(storage.truncatePrefix(last - 20)).isTrue();
                assertThat(storage.getFirstLogIndex()).isEqualTo(last - 20);
                assertThat(storage.truncateSuffix(last - 2)).isTrue();
                for (long index = last - 1; index <= last + 10; index++) {
                    assertThat(storage.appendEntry(Entries.data(index, 1, 10_000)))
                            .as("append of entry " + index)
                            .isTrue();
                }
                assertThat(FailureTest.described(storage))
                        .doesNotContain("refused")
                        .doesNotContain("failed");
                assertThat(storage.getEntry(last)).isEqualTo(Entries.data(last, 1, 10_000));
                assertThat(storage.getFirstLogIndex()).isGreaterThan(first);
                first = storage.getFirstLogIndex();
            }
            storage.shutdown();
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            assertThat(storage.getFirstLogIndex()).isEqualTo(first);
            storage.shutdown();
        });
    }

    @Test
    void fullStorageIsResetAndAppendsWorkAgainWithoutReopening() throws Exception {
        onSmallDisk(disk -> {
            LogStorage storage = storage(disk.resolve("log"));
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            for (int round = 0; round < 3; round++) {
                long last = fill(storage, 10_000);
                writeFull(disk);
                assertThat(storage.reset(last + 100)).isTrue();
                assertThat(storage.getFirstLogIndex()).isEqualTo(last + 100);
                assertThat(storage.appendEntry(Entries.data(last + 100, 1, 10_000)))
                        .isTrue();
            }
            storage.shutdown();
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            storage.shutdown();
        });
    }

    @Test
    void largeEntriesAndConfigurationsOnAFullDiskAreTrimmed() throws Exception {
        onSmallDisk(disk -> {
            LogStorage storage = storage(disk.resolve("log"));
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            long last = 0;
            while (storage.appendEntries(new ArrayList<>(
                            List.of(Entries.configuration(last + 1, 1, 8081), Entries.data(last + 2, 1, 1_100_000))))
                    == 2) {
                last += 2;
            }
            assertThat(last).isPositive();
            writeFull(disk);
            assertThat(storage.appendEntry(Entries.data(last + 1, 1, 1_100_000)))
                    .isFalse();
            assertThat(storage.truncatePrefix(last + 1)).isTrue();
            assertThat(storage.appendEntries(new ArrayList<>(
                            List.of(Entries.configuration(last + 1, 1, 8081), Entries.data(last + 2, 1, 1_100_000)))))
                    .isEqualTo(2);
            storage.shutdown();
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            assertThat(storage.getEntry(last + 2)).isEqualTo(Entries.data(last + 2, 1, 1_100_000));
            storage.shutdown();
        });
    }

    @Test
    void firstLargeEntryOnAFullDiskIsRefused() throws Exception {
        onSmallDisk(disk -> {
            LogStorage storage = storage(disk.resolve("log"));
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            long last = fill(storage, 10_000);
            writeFull(disk);
            assertThat(storage.appendEntry(Entries.data(last + 1, 1, 1_100_000)))
                    .as("append without space for the pieces")
                    .isFalse();
            assertThat(storage.truncatePrefix(last)).isTrue();
            assertThat(storage.appendEntry(Entries.data(last + 1, 1, 10_000))).isTrue();
            Files.delete(disk.resolve("filler"));
            assertThat(storage.appendEntry(Entries.data(last + 2, 1, 1_100_000)))
                    .as("opens")
                    .isTrue();
            storage.shutdown();
        });
    }

    /** The killed process left a full disk. Opening, trimming and appending must work nevertheless. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void storageOfAKilledProcessOpensOnAFullDiskAndIsTrimmed(boolean reset) throws Exception {
        onSmallDisk(disk -> {
            Path path = disk.resolve("log");
            assertThat(FailureTest.exitCode(Filler.class, path, new ByteArrayOutputStream()))
                    .isEqualTo(Filler.KILLED);
            writeFull(disk);
            LogStorage storage = storage(path);
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            long last = storage.getLastLogIndex();
            assertThat(last).isGreaterThan(50);
            long next = reset ? last + 100 : last + 1;
            assertThat(reset ? storage.reset(next) : storage.truncatePrefix(last - 2))
                    .isTrue();
            assertThat(storage.appendEntries(new ArrayList<>(
                            List.of(Entries.configuration(next, 1, 8081), Entries.data(next + 1, 1, 10_000)))))
                    .isEqualTo(2);
            storage.shutdown();
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            assertThat(storage.getFirstLogIndex()).isEqualTo(reset ? next : last - 2);
            assertThat(storage.getLastLogIndex()).isEqualTo(next + 1);
            storage.shutdown();
        });
    }

    /**
     * Main class of a process that fills a disk until the storage refuses, and then ends as abruptly as by {@code kill
     * -9}.
     */
    static final class Filler {
        private static final int KILLED = 137;

        private Filler() {}

        public static void main(String[] arguments) {
            LogStorage storage =
                    new HoldfastServiceFactory(SEGMENT_BYTES).createLogStorage(arguments[0], new RaftOptions());
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            storage.appendEntry(Entries.configuration(storage.getLastLogIndex() + 1, 1, 8081));
            fill(storage, 10_000);
            Runtime.getRuntime().halt(KILLED);
        }
    }

    private interface OnDisk {
        void run(Path disk) throws Exception;
    }

    private void onSmallDisk(OnDisk test) throws Exception {
        try (SmallDisk disk = SmallDisk.mount(parent.resolve("disk"))) {
            test.run(disk.path());
        }
    }

    private static void writeFull(Path disk) throws IOException {
        new SmallDisk(disk).writeFull();
    }
}
