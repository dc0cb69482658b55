package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyLogTest {
    @TempDir
    Path parent;

    private final JRaftServiceFactory rocksDb = new DefaultJRaftServiceFactory();
    private final JRaftServiceFactory holdfast = new HoldfastServiceFactory();

    @Test
    void logGoesToHoldfastAndBack() throws IOException {
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
        assertThat(CopyLog.copy(one, two)).contains("entries 3 to 701", "in Holdfast", "the same");
        try (StorageUnderTest storage = new StorageUnderTest(holdfast, two)) {
            assertThat(storage.shown(0, 710)).isEqualTo(shown);
            assertThat(storage.configurations(710)).isEqualTo(List.of("701@3:127.0.0.1:8081,127.0.0.1:8082"));
            assertThat(configurations).containsAll(storage.configurations(710));
        }
        Path three = parent.resolve("three");
        assertThat(CopyLog.copy(two, three)).contains("in RocksDB, and");
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
                .hasMessageContaining("exists already");
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void damagedEntryIsNotCopiedAround() throws IOException {
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
