package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.option.NodeOptions;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests of failures: the storage reports every failure to the node, and reports no success wrongly. */
class FailureTest {
    private static final int SEGMENT_BYTES = 64 << 10;

    @TempDir
    Path parent;

    private LogStorage storage(Path path) {
        return new HoldfastServiceFactory(SEGMENT_BYTES).createLogStorage(path.toString(), new RaftOptions());
    }

    static String described(LogStorage storage) {
        StringBuilder text = new StringBuilder();
        ((HoldfastLogStorage) storage).describe(new com.alipay.sofa.jraft.util.Describer.Printer() {
            @Override
            public com.alipay.sofa.jraft.util.Describer.Printer print(Object x) {
                text.append(x);
                return this;
            }

            @Override
            public com.alipay.sofa.jraft.util.Describer.Printer println(Object x) {
                text.append(x).append('\n');
                return this;
            }
        });
        return text.toString();
    }

    private static void assertChangesNothing(LogStorage storage, long last) {
        assertThat(storage.appendEntry(Entries.data(last + 1, 1))).isFalse();
        assertThat(storage.truncatePrefix(last)).isFalse();
        assertThat(storage.truncateSuffix(1)).isFalse();
        assertThat(storage.reset(last)).isFalse();
    }

    @Test
    void lostDirectoryIsReported() throws IOException {
        Path path = parent.resolve("log");
        LogStorage storage = storage(path);
        assertThat(StorageUnderTest.opens(storage)).isTrue();
        assertThat(storage.appendEntries(Entries.range(1, 10, 1))).isEqualTo(10);
        try (Stream<Path> files = Files.walk(path.resolve("entries"))) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        long last = FullDiskTest.fill(storage, 10_000);
        assertThat(described(storage))
                .contains("failed")
                .contains(path.resolve("entries").toString());
        assertChangesNothing(storage, last);
        storage.shutdown();
        assertThat(StorageUnderTest.opens(storage))
                .as("opens an empty log instead of the entries")
                .isFalse();
        assertThat(path.resolve("entries")).doesNotExist();
    }

    @Test
    void emptyEntriesDirectoryIsRefusedIfNotesExist() throws IOException {
        Path path = parent.resolve("log");
        Path entries = path.resolve("entries");
        LogStorage storage = storage(path);
        assertThat(StorageUnderTest.opens(storage)).isTrue();
        assertThat(storage.appendEntries(Entries.range(1, 10, 1))).isEqualTo(10);
        storage.shutdown();
        for (Path segment : segments(entries)) {
            Files.delete(segment);
        }
        assertThat(StorageUnderTest.opens(storage))
                .as("opens without a segment, with spares only")
                .isFalse();
        try (Stream<Path> files = Files.list(entries)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        assertThat(StorageUnderTest.opens(storage))
                .as("opens an empty log instead of the entries")
                .isFalse();
        assertThatThrownBy(() -> new LogDirectoryWatch(path).open())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no segment in " + entries)
                .hasMessageContaining(path.resolve("notes").toString())
                .hasMessageContaining("no older copy")
                .hasMessageContaining("remove the node from its group");
        assertThat(entries).isEmptyDirectory();
    }

    @Test
    void interruptedFirstOpeningIsRepeated() throws IOException {
        Files.createDirectories(parent.resolve("log/entries"));
        LogStorage storage = storage(parent.resolve("log"));
        assertThat(StorageUnderTest.opens(storage)).isTrue();
        assertThat(storage.appendEntry(Entries.data(1, 1))).isTrue();
        storage.shutdown();
    }

    @Test
    void descriptionContainsTheFirstFailure() throws IOException {
        Path path = parent.resolve("log");
        LogStorage storage = storage(path);
        assertThat(StorageUnderTest.opens(storage)).isTrue();
        for (long index = 1; index <= 3; index++) {
            assertThat(storage.appendEntry(Entries.data(index, 1, 10_000))).isTrue();
        }
        damage(path, 2, 10_000);
        damage(path, 3, 10_000);
        assertThat(storage.getEntry(2)).isNull();
        assertThat(storage.getEntry(3)).isNull();
        assertThat(described(storage)).contains("record 2").doesNotContain("record 3");
        storage.shutdown();
        assertThat(StorageUnderTest.opens(storage)).isFalse();
    }

    @Test
    void damagedEntryIsNotReturnedAndNothingIsChangedAfterwards() throws IOException {
        Path path = parent.resolve("log");
        LogStorage storage = storage(path);
        assertThat(StorageUnderTest.opens(storage)).isTrue();
        assertThat(storage.appendEntries(Entries.range(1, 10, 1))).isEqualTo(10);
        assertThat(storage.appendEntry(Entries.data(11, 1, 30_000))).isTrue();
        damage(path, 11, 30_000);
        assertThat(storage.getEntry(10)).isEqualTo(Entries.data(10, 1));
        assertThat(storage.getEntry(11)).isNull();
        assertThat(described(storage)).contains("checksum");
        assertThat(storage.getEntry(10)).isEqualTo(Entries.data(10, 1));
        assertChangesNothing(storage, 11);
        storage.shutdown();
    }

    /** Flips a bit of an entry of term 1. */
    private static void damage(Path path, long index, int entryBytes) throws IOException {
        byte[] sought = new byte[16];
        Entries.data(index, 1, entryBytes).getData().slice(0, 16).get(sought);
        int damaged = 0;
        for (Path file : segments(path.resolve("entries"))) {
            byte[] bytes = Files.readAllBytes(file);
            int at = indexOf(bytes, sought);
            if (at >= 0) {
                bytes[at + 5] ^= 4;
                Files.write(file, bytes, java.nio.file.StandardOpenOption.WRITE);
                damaged++;
            }
        }
        assertThat(damaged).as("places of entry " + index + " in the files").isPositive();
    }

    private static List<Path> segments(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".seg")).toList();
        }
    }

    private static int indexOf(byte[] bytes, byte[] sought) {
        for (int at = 0; at + sought.length <= bytes.length; at++) {
            if (java.util.Arrays.equals(bytes, at, at + sought.length, sought, 0, sought.length)) {
                return at;
            }
        }
        return -1;
    }

    @Test
    void logOfRocksDbIsRefusedAndNotChanged() throws IOException {
        Path path = parent.resolve("log");
        try (StorageUnderTest rocks = new StorageUnderTest(new DefaultJRaftServiceFactory(), path)) {
            rocks.append(Entries.range(1, 3, 1));
        }
        assertThat(StorageUnderTest.opens(storage(path))).isFalse();
        assertThat(path.resolve("entries")).doesNotExist();
        try (StorageUnderTest rocks = new StorageUnderTest(new DefaultJRaftServiceFactory(), path)) {
            assertThat(rocks.get().getLastLogIndex()).isEqualTo(3);
        }
    }

    @Test
    void logThatAnotherStorageHasOpenIsRefused() {
        Path path = parent.resolve("log");
        LogStorage one = storage(path);
        assertThat(StorageUnderTest.opens(one)).isTrue();
        LogStorage two = storage(path);
        assertThat(StorageUnderTest.opens(two)).isFalse();
        assertThat(one.appendEntry(Entries.data(1, 1))).isTrue();
        one.shutdown();
        assertThat(StorageUnderTest.opens(two)).isTrue();
        assertThat(two.getLastLogIndex()).isEqualTo(1);
        two.shutdown();
        two.shutdown();
    }

    @Test
    void reasonOfAFailedOpeningIsLogged() throws Exception {
        Path path = parent.resolve("log");
        Files.createDirectories(path);
        Files.write(path.resolve("CURRENT"), new byte[] {'M'});
        assertThat(wordsOfOpening(path))
                .contains(path.toString(), "RocksDB", "CopyLog", "Do not start the node on an empty directory")
                .doesNotContain("choose another directory");
    }

    /** The log's own message suggests a repair, which suits a standalone log but not a voter. */
    @Test
    void damageFoundAtOpeningIsLoggedWithAdviceForANode() throws Exception {
        Path path = parent.resolve("log");
        LogStorage storage = storage(path);
        assertThat(StorageUnderTest.opens(storage)).isTrue();
        assertThat(storage.appendEntry(Entries.data(1, 1, 10_000))).isTrue();
        assertThat(storage.appendEntry(Entries.data(2, 1, 10_000))).isTrue();
        storage.shutdown();
        damage(path, 1, 10_000);
        assertThat(wordsOfOpening(path)).contains("record 1", "never repair", "Remove the node from its group");
    }

    private static String wordsOfOpening(Path path) throws Exception {
        ByteArrayOutputStream words = new ByteArrayOutputStream();
        assertThat(exitCode(Opener.class, path, words)).isEqualTo(3);
        return words.toString(StandardCharsets.UTF_8);
    }

    static int exitCode(Class<?> main, Path path, OutputStream words) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName(),
                        path.toString())
                .redirectErrorStream(true)
                .start();
        try {
            process.getInputStream().transferTo(words);
            return process.waitFor();
        } finally {
            process.destroyForcibly();
        }
    }

    /** Main class of a process that opens a storage, so that the test can read its log output. */
    static final class Opener {
        private Opener() {}

        public static void main(String[] arguments) {
            System.exit(
                    StorageUnderTest.opens(
                                    new HoldfastServiceFactory().createLogStorage(arguments[0], new RaftOptions()))
                            ? 0
                            : 3);
        }
    }

    @Test
    void interruptsDoNoHarm() {
        LogStorage storage = storage(parent.resolve("log"));
        Thread.currentThread().interrupt();
        try {
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            assertThat(storage.appendEntries(Entries.range(1, 10, 1))).isEqualTo(10);
            assertThat(storage.appendEntry(Entries.data(11, 1, 3_000_000))).isTrue();
            assertThat(storage.getEntry(11)).isEqualTo(Entries.data(11, 1, 3_000_000));
            assertThat(storage.truncateSuffix(10)).isTrue();
            assertThat(storage.truncatePrefix(5)).isTrue();
            assertThat(storage.reset(7)).isTrue();
            assertThat(storage.getEntry(7)).isEqualTo(Entries.data(7, 1));
            storage.shutdown();
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(storage.appendEntry(Entries.data(8, 1))).isTrue();
        storage.shutdown();
    }

    @Test
    void batchIsOneSyncedWrite() throws IOException {
        LogDirectoryWatch watch = new LogDirectoryWatch(parent.resolve("log"));
        EntryLog log = watch.open();
        List<EncodedEntry> batch = new ArrayList<>();
        for (int i = 1; i <= 200; i++) {
            batch.add(new EncodedEntry(i, false, new byte[100]));
        }
        long syncs = watch.entries().stats().syncs();
        long noteSyncs = watch.notes().stats().syncs();
        log.append(batch);
        assertThat(watch.entries().stats().syncs() - syncs).isEqualTo(1);
        assertThat(watch.entries().stats().groups()).isEqualTo(1);
        assertThat(watch.notes().stats().syncs()).isEqualTo(noteSyncs);
        log.append(List.of(new EncodedEntry(201, true, new byte[100]), new EncodedEntry(202, true, new byte[100])));
        assertThat(watch.entries().stats().syncs() - syncs).isEqualTo(2);
        assertThat(watch.notes().stats().syncs() - noteSyncs)
                .as("notes of configurations")
                .isEqualTo(1);
        log.close();
    }

    @Test
    void jraftFindsTheFactoryOnTheClassPath() {
        assertThat(new NodeOptions().getServiceFactory()).isInstanceOf(HoldfastServiceFactory.class);
    }

    @Test
    void invalidIndexesAreRefused() {
        for (LogEntry entry : List.of(Entries.data(4, 1), Entries.data(11 + EntryLog.MOST_FILLERS + 1, 1))) {
            LogStorage storage = storage(parent.resolve("log" + entry.getId().getIndex()));
            assertThat(StorageUnderTest.opens(storage)).isTrue();
            assertThat(storage.appendEntries(Entries.range(1, 10, 1))).isEqualTo(10);
            assertThat(storage.truncatePrefix(5)).isTrue();
            assertThat(storage.appendEntry(entry)).isFalse();
            assertThat(storage.getLastLogIndex()).isEqualTo(10);
            assertThat(described(storage)).contains("index " + entry.getId().getIndex());
            storage.shutdown();
        }
    }
}
