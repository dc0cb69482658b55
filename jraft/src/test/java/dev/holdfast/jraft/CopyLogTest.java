package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryCodecFactory;
import com.alipay.sofa.jraft.entity.codec.LogEntryDecoder;
import com.alipay.sofa.jraft.entity.codec.LogEntryEncoder;
import com.alipay.sofa.jraft.entity.codec.v2.LogEntryV2CodecFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyLogTest {
    @TempDir
    Path parent;

    private final JRaftServiceFactory rocksDb = new DefaultJRaftServiceFactory();
    private final JRaftServiceFactory holdfast = new HoldfastServiceFactory();

    @Test
    void logIsCopiedToHoldfastAndBack() throws IOException {
        Path one = parent.resolve("one");
        List<String> shown;
        List<String> configurations;
        try (StorageUnderTest storage = new StorageUnderTest(rocksDb, one)) {
            storage.append(Entries.configuration(1, 1, 8081), Entries.data(2, 1), Entries.data(3, 1, 2_000_000));
            storage.append(Entries.range(4, 700, 2));
            storage.append(Entries.configuration(701, 3, 8081, 8082));
            storage.get().truncatePrefix(3);
            storage.reopen();
            shown = storage.shown(0, 710);
            configurations = storage.configurations(710);
        }
        Path two = parent.resolve("deep/two");
        assertThat(CopyLog.copy(one, two))
                .contains("entries 3 to 701", "to Holdfast in " + two + ". Both were read and are equal.");
        try (StorageUnderTest storage = new StorageUnderTest(holdfast, two)) {
            assertThat(storage.shown(0, 710)).isEqualTo(shown);
            assertThat(storage.configurations(710)).isEqualTo(List.of("701@3:127.0.0.1:8081,127.0.0.1:8082"));
            assertThat(configurations).containsAll(storage.configurations(710));
        }
        Path three = parent.resolve("three");
        assertThat(CopyLog.copy(two, three)).contains("to RocksDB in " + three + ". Both were read");
        try (StorageUnderTest storage = new StorageUnderTest(rocksDb, three)) {
            assertThat(storage.shown(0, 710)).isEqualTo(shown);
            assertThat(storage.configurations(710)).isEqualTo(List.of("701@3:127.0.0.1:8081,127.0.0.1:8082"));
        }
    }

    @Test
    void firstIndexOfALogWithoutEntriesIsCopied() throws IOException {
        Path one = parent.resolve("one");
        try (StorageUnderTest storage = new StorageUnderTest(holdfast, one)) {
            storage.get().truncatePrefix(50);
        }
        CopyLog.copy(one, parent.resolve("two"));
        try (StorageUnderTest storage = new StorageUnderTest(rocksDb, parent.resolve("two"))) {
            assertThat(storage.get().getFirstLogIndex()).isEqualTo(50);
        }
    }

    @Test
    void existingTargetAndMissingSourceAreRefused() throws IOException {
        Path target = Files.createDirectory(parent.resolve("target"));
        assertThatThrownBy(() -> CopyLog.copy(parent.resolve("none"), parent.resolve("two")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("neither");
        new StorageUnderTest(holdfast, parent.resolve("one")).close();
        assertThatThrownBy(() -> CopyLog.copy(parent.resolve("one"), target))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("already exists");
        assertThat(target).isEmptyDirectory();
    }

    /**
     * The process is killed in a call of the codec. The calls cover all phases of a copy: reading, writing and
     * comparing.
     */
    @Test
    void killedCopyLeavesNothingUnderTheTargetsName() throws Exception {
        Path one = parent.resolve("one");
        try (StorageUnderTest storage = new StorageUnderTest(rocksDb, one)) {
            storage.append(Entries.range(1, 300, 1));
        }
        int calls;
        CountingCodec counting = new CountingCodec(Integer.MAX_VALUE);
        CopyLog.copy(one, parent.resolve("whole"), counting);
        calls = counting.calls.get();
        assertThat(calls).isGreaterThanOrEqualTo(4 * 300);
        for (int endsAt : new int[] {2, 580, calls}) {
            Path two = parent.resolve("two" + endsAt);
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Copier.class.getName(),
                            one.toString(),
                            two.toString(),
                            Integer.toString(endsAt))
                    .inheritIO()
                    .start();
            try {
                assertThat(process.waitFor()).isEqualTo(CountingCodec.KILLED);
            } finally {
                process.destroyForcibly();
            }
            assertThat(two).doesNotExist();
            Path left = parent.resolve(two.getFileName() + ".partial");
            assertThatThrownBy(() -> CopyLog.copy(one, two))
                    .as("the remainder of the killed copy is reported and not continued")
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(left.toString())
                    .hasMessageContaining("delete it");
            assertThat(two).doesNotExist();
            assertThat(left).isDirectory();
        }
    }

    /** JRaft's codec, which ends the process in a given call, as abruptly as {@code kill -9}. */
    private static final class CountingCodec implements LogEntryCodecFactory {
        private static final int KILLED = 137;

        private final LogEntryCodecFactory codec = LogEntryV2CodecFactory.getInstance();
        private final AtomicInteger calls = new AtomicInteger();
        private final int endsAt;

        CountingCodec(int endsAt) {
            this.endsAt = endsAt;
        }

        private void count() {
            if (calls.incrementAndGet() == endsAt) {
                Runtime.getRuntime().halt(KILLED);
            }
        }

        @Override
        public LogEntryEncoder encoder() {
            return entry -> {
                count();
                return codec.encoder().encode(entry);
            };
        }

        @Override
        public LogEntryDecoder decoder() {
            return bytes -> {
                count();
                return codec.decoder().decode(bytes);
            };
        }
    }

    /** Main class of the process that copies and is killed. */
    static final class Copier {
        private Copier() {}

        public static void main(String[] arguments) throws IOException {
            CopyLog.copy(
                    Path.of(arguments[0]), Path.of(arguments[1]), new CountingCodec(Integer.parseInt(arguments[2])));
        }
    }

    @Test
    void failedCopyDeletesItsFiles() throws IOException {
        Path one = parent.resolve("one");
        try (StorageUnderTest storage = new StorageUnderTest(rocksDb, one)) {
            storage.append(Entries.data(1, 1));
            storage.append(Entries.data(3, 1));
        }
        assertThatThrownBy(() -> CopyLog.copy(one, parent.resolve("two"))).hasMessageContaining("entry 2");
        assertThat(parent.resolve("two")).doesNotExist();
        assertThat(parent.resolve("two.partial")).doesNotExist();
    }

    @Test
    void sourceWithoutSegmentsIsRefused() throws IOException {
        Files.createDirectories(parent.resolve("one/entries"));
        assertThatThrownBy(() -> CopyLog.copy(parent.resolve("one"), parent.resolve("two")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("neither");
        assertThat(parent.resolve("one/entries")).isEmptyDirectory();
        assertThat(parent.resolve("two")).doesNotExist();
    }

    @Test
    void damagedEntryEndsTheCopy() throws IOException {
        Path one = parent.resolve("one");
        try (StorageUnderTest storage = new StorageUnderTest(rocksDb, one)) {
            storage.append(Entries.data(1, 1));
            storage.append(Entries.data(3, 1));
        }
        assertThatThrownBy(() -> CopyLog.copy(one, parent.resolve("two")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("entry 2");
    }
}
