package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.core.DefaultJRaftServiceFactory;
import org.junit.jupiter.api.Test;

/**
 * Runs the contract on JRaft's own storage. It passes except for two tests, which are overridden here to show its
 * behaviour in 1.3.15.bugfix.
 */
class RocksDbLogStorageTest extends LogStorageContract {
    @Override
    JRaftServiceFactory factory() {
        return new DefaultJRaftServiceFactory();
    }

    /**
     * RocksDB's storage asks for the last index again after it has removed the entries, and therefore removes no
     * configuration.
     */
    @Test
    @Override
    void truncatedConfigurationsAreNotReported() {
        try (StorageUnderTest storage = new StorageUnderTest(factory(), parent.resolve("other"))) {
            storage.append(Entries.data(1, 1), Entries.configuration(2, 1, 8083));
            assertThat(storage.get().truncateSuffix(1)).isTrue();
            storage.reopen();
            assertThat(storage.get().getEntry(2)).isNull();
            assertThat(storage.configurations(10)).containsExactly("2@1:127.0.0.1:8083");
        }
    }

    /** For the same reason the range of configurations to remove is empty and reversed, which RocksDB refuses. */
    @Test
    @Override
    void suffixIsTruncatedToTheSnapshot() {
        try (StorageUnderTest storage = new StorageUnderTest(factory(), parent.resolve("other"))) {
            // The state after a snapshot up to 4 whose entries are gone. A truncation would remove them in the
            // background, at an unknown time.
            storage.append(Entries.range(5, 10, 1));
            assertThat(storage.get().truncateSuffix(4)).isFalse();
            assertThat(storage.get().getEntry(5)).isNull();
        }
    }
}
