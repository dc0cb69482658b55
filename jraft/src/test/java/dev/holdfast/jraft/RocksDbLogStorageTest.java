package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import org.junit.jupiter.api.Test;

/** JRaft's own storage passes the contract but for two places, which are told here as they are in 1.3.15.bugfix. */
class RocksDbLogStorageTest extends LogStorageContract {
    @Override
    JRaftServiceFactory factory() {
        return new DefaultJRaftServiceFactory();
    }

    /** It asks for the last index again when it has already cut the entries, and so cuts no configuration. */
    @Test
    @Override
    void configurationsThatWereCutOffAreNotTold() {
        try (StorageUnderTest storage = new StorageUnderTest(factory(), parent.resolve("other"))) {
            storage.append(Entries.data(1, 1), Entries.configuration(2, 1, 8083));
            assertThat(storage.get().truncateSuffix(1)).isTrue();
            storage.reopen();
            assertThat(storage.get().getEntry(2)).isNull();
            assertThat(storage.configurations(10)).containsExactly("2@1:127.0.0.1:8083");
        }
    }

    /** For the same reason the range of configurations to remove ends before it begins, which RocksDB refuses. */
    @Test
    @Override
    void suffixIsCutBackToTheSnapshot() {
        try (StorageUnderTest storage = new StorageUnderTest(factory(), parent.resolve("other"))) {
            // As behind a snapshot up to 4 whose entries are gone: a cut would remove them in the background, sooner or
            // later.
            storage.append(Entries.range(5, 10, 1));
            assertThat(storage.get().truncateSuffix(4)).isFalse();
            assertThat(storage.get().getEntry(5)).isNull();
        }
    }
}
