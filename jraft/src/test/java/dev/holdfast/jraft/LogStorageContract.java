package dev.holdfast.jraft;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.alipay.sofa.jraft.JRaftServiceFactory;
import com.alipay.sofa.jraft.conf.ConfigurationManager;
import com.alipay.sofa.jraft.entity.EnumOutter.EntryType;
import com.alipay.sofa.jraft.entity.LogEntry;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.LogStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The behaviour that a node may expect of its log storage. JRaft's own storage passes these tests, too. */
abstract class LogStorageContract {
    @TempDir
    Path parent;

    private StorageUnderTest storage;

    abstract JRaftServiceFactory factory();

    @BeforeEach
    void open() {
        storage = new StorageUnderTest(factory(), parent.resolve("log"));
    }

    @AfterEach
    void close() {
        storage.close();
    }

    private void assertRange(long first, long last) {
        assertThat(storage.get().getFirstLogIndex()).isEqualTo(first);
        assertThat(storage.get().getLastLogIndex()).isEqualTo(last);
    }

    private void assertHolds(LogEntry entry) {
        assertThat(storage.get().getEntry(entry.getId().getIndex())).isEqualTo(entry);
        assertThat(storage.term(entry.getId().getIndex()))
                .isEqualTo(entry.getId().getTerm());
    }

    private void assertHasNone(long index) {
        assertThat(storage.get().getEntry(index)).isNull();
        assertThat(storage.term(index)).isZero();
    }

    @Test
    void newStorageHoldsNothingAndBeginsAtOne() {
        assertRange(1, 0);
        assertHasNone(1);
        assertHasNone(100);
        storage.reopen();
        assertRange(1, 0);
    }

    @Test
    void appendedEntryIsReturned() {
        LogEntry entry = Entries.data(1, 7);
        assertThat(storage.get().appendEntry(entry)).isTrue();
        assertRange(1, 1);
        assertHolds(entry);
        assertHasNone(2);
    }

    @Test
    void batchIsReturnedBeforeAndAfterReopening() {
        List<LogEntry> entries = Entries.range(1, 100, 3);
        storage.append(entries);
        for (int round = 0; round < 2; round++) {
            assertRange(1, 100);
            entries.forEach(this::assertHolds);
            storage.reopen();
        }
        storage.append(Entries.data(101, 4));
        assertRange(1, 101);
    }

    @Test
    void appendOfNothingAppendsNothing() {
        assertThat(storage.get().appendEntries(new ArrayList<>())).isZero();
        assertThat(storage.get().appendEntries(null)).isZero();
        assertRange(1, 0);
    }

    @Test
    void firstEntryMayHaveAnyIndex() {
        storage.append(Entries.range(0, 9, 1));
        assertRange(0, 9);
        Entries.range(0, 9, 1).forEach(this::assertHolds);
    }

    @Test
    void indexesMayBeSkipped() {
        storage.append(Entries.data(100, 1));
        storage.append(Entries.data(200, 2));
        storage.append(Entries.data(203, 2), Entries.data(207, 2));
        for (int round = 0; round < 2; round++) {
            assertRange(100, 207);
            assertHolds(Entries.data(100, 1));
            assertHolds(Entries.data(200, 2));
            assertHolds(Entries.data(203, 2));
            assertHolds(Entries.data(207, 2));
            for (long index : new long[] {99, 101, 150, 199, 201, 204, 206, 208}) {
                assertHasNone(index);
            }
            storage.reopen();
        }
    }

    @Test
    void everyKindOfEntryIsReturnedUnchanged() {
        LogEntry full = Entries.configuration(3, 2, 8081, 8082);
        full.setOldPeers(List.of(new PeerId("127.0.0.1", 9001)));
        full.setLearners(List.of(new PeerId("127.0.0.1", 9002)));
        full.setOldLearners(List.of(new PeerId("127.0.0.1", 9003)));
        LogEntry empty = Entries.data(2, 1, 0);
        storage.append(Entries.noOp(1, 1), empty, full);
        storage.reopen();
        assertThat(storage.get().getEntry(1).getType()).isEqualTo(EntryType.ENTRY_TYPE_NO_OP);
        assertThat(storage.get().getEntry(2).getData().remaining()).isZero();
        LogEntry found = storage.get().getEntry(3);
        assertThat(found).isEqualTo(full);
        assertThat(found.getOldLearners()).isEqualTo(full.getOldLearners());
        assertThat(found.getLearners()).isEqualTo(full.getLearners());
        assertThat(found.getOldPeers()).isEqualTo(full.getOldPeers());
    }

    @Test
    void checksumsOfEntriesAreKept() {
        LogEntry entry = Entries.data(1, 1);
        entry.setChecksum(entry.checksum());
        storage.append(entry);
        LogEntry found = storage.get().getEntry(1);
        assertThat(found.hasChecksum()).isTrue();
        assertThat(found.isCorrupted()).isFalse();
    }

    @Test
    void largeEntriesAreKept() {
        List<LogEntry> entries = new ArrayList<>();
        int[] sizes = {100, 1 << 20, (1 << 20) - 32, 5_000_000, 1, (2 << 20) + 1};
        for (int i = 0; i < sizes.length; i++) {
            entries.add(Entries.data(i + 1, 1, sizes[i]));
        }
        storage.append(entries);
        storage.append(Entries.data(7, 1, 40_000_000));
        for (int round = 0; round < 2; round++) {
            entries.forEach(this::assertHolds);
            assertHolds(Entries.data(7, 1, 40_000_000));
            storage.reopen();
        }
        assertThat(storage.get().truncateSuffix(4)).isTrue();
        storage.append(Entries.data(5, 2, 3_000_000));
        assertThat(storage.get().truncatePrefix(4)).isTrue();
        storage.reopen();
        assertRange(4, 5);
        assertHolds(entries.get(3));
        assertHolds(Entries.data(5, 2, 3_000_000));
    }

    @Test
    void configurationsAreReportedAtOpening() {
        storage.append(Entries.data(1, 1), Entries.configuration(2, 1, 8081), Entries.data(3, 1));
        assertThat(storage.get().appendEntry(Entries.configuration(4, 2, 8081, 8082)))
                .isTrue();
        storage.append(Entries.data(5, 2));
        assertThat(storage.configurations(5)).isEmpty();
        storage.reopen();
        assertThat(storage.configurations(5))
                .containsExactly("2@1:127.0.0.1:8081", "4@2:127.0.0.1:8081,127.0.0.1:8082");
    }

    @Test
    void oldConfigurationAndLearnersAreReportedToo() {
        LogEntry joint = Entries.configuration(1, 1, 8081, 8082);
        joint.setOldPeers(List.of(new PeerId("127.0.0.1", 8081)));
        joint.setLearners(List.of(new PeerId("127.0.0.1", 9002)));
        storage.append(joint);
        ConfigurationManager told = new ConfigurationManager();
        storage.get().shutdown();
        assertThat(storage.get().init(StorageUnderTest.options(told))).isTrue();
        assertThat(told.getLastConfiguration().getOldConf().toString()).isEqualTo("127.0.0.1:8081");
        assertThat(told.getLastConfiguration().listLearners()).containsExactly(new PeerId("127.0.0.1", 9002));
    }

    @Test
    void truncatedConfigurationsAreNotReported() {
        storage.append(
                Entries.configuration(1, 1, 8081),
                Entries.configuration(2, 1, 8082),
                Entries.data(3, 1),
                Entries.configuration(4, 1, 8083));
        assertThat(storage.get().truncateSuffix(3)).isTrue();
        storage.reopen();
        assertThat(storage.configurations(10)).containsExactly("1@1:127.0.0.1:8081", "2@1:127.0.0.1:8082");
        storage.append(Entries.data(4, 2));
        storage.reopen();
        assertThat(storage.configurations(10)).containsExactly("1@1:127.0.0.1:8081", "2@1:127.0.0.1:8082");
    }

    @Test
    void prefixIsTruncated() {
        storage.append(Entries.range(1, 10, 1));
        assertThat(storage.get().truncatePrefix(5)).isTrue();
        for (int round = 0; round < 2; round++) {
            assertRange(5, 10);
            assertHasNone(4);
            Entries.range(5, 10, 1).forEach(this::assertHolds);
            storage.reopen();
        }
    }

    @Test
    void firstIndexSurvivesIfNoEntryIsLeft() {
        storage.append(Entries.range(1, 10, 1));
        assertThat(storage.get().truncatePrefix(11)).isTrue();
        assertThat(storage.get().getFirstLogIndex()).isEqualTo(11);
        storage.reopen();
        assertThat(storage.get().getFirstLogIndex()).isEqualTo(11);
        assertHasNone(10);
        storage.append(Entries.range(11, 12, 1));
        storage.reopen();
        assertRange(11, 12);
    }

    @Test
    void firstIndexBeyondTheEndSurvives() {
        storage.append(Entries.range(1, 10, 1));
        assertThat(storage.get().truncatePrefix(50)).isTrue();
        assertThat(storage.get().getFirstLogIndex()).isEqualTo(50);
        storage.reopen();
        assertThat(storage.get().getFirstLogIndex()).isEqualTo(50);
        for (long index = 1; index <= 10; index++) {
            assertHasNone(index);
        }
        storage.append(Entries.range(50, 52, 1));
        for (int round = 0; round < 2; round++) {
            assertRange(50, 52);
            storage.reopen();
        }
    }

    @Test
    void prefixOfANewStorageIsTruncated() {
        assertThat(storage.get().truncatePrefix(1000)).isTrue();
        storage.reopen();
        assertThat(storage.get().getFirstLogIndex()).isEqualTo(1000);
        storage.append(Entries.data(1000, 9));
        assertRange(1000, 1000);
    }

    @Test
    void suffixIsTruncatedAndWrittenAgain() {
        storage.append(Entries.range(1, 10, 1));
        assertThat(storage.get().truncateSuffix(5)).isTrue();
        assertRange(1, 5);
        assertHasNone(6);
        storage.reopen();
        assertRange(1, 5);
        storage.append(Entries.range(6, 8, 2));
        storage.reopen();
        assertRange(1, 8);
        Entries.range(1, 5, 1).forEach(this::assertHolds);
        Entries.range(6, 8, 2).forEach(this::assertHolds);
        assertHasNone(9);
    }

    @Test
    void suffixIsTruncatedToTheSnapshot() {
        storage.append(Entries.range(1, 10, 1));
        assertThat(storage.get().truncatePrefix(5)).isTrue();
        assertThat(storage.get().truncateSuffix(4)).isTrue();
        assertThat(storage.get().getFirstLogIndex()).isEqualTo(5);
        assertHasNone(5);
        storage.append(Entries.range(5, 6, 2));
        storage.reopen();
        assertRange(5, 6);
        assertHolds(Entries.data(5, 2));
    }

    @Test
    void resetKeepsTheEntryAtTheNextIndexAndNoOther() {
        storage.append(Entries.range(1, 10, 3));
        assertThat(storage.get().reset(5)).isTrue();
        for (int round = 0; round < 2; round++) {
            assertRange(5, 5);
            assertHolds(Entries.data(5, 3));
            assertHasNone(4);
            assertHasNone(6);
            storage.reopen();
        }
    }

    @Test
    void resetWithoutAnEntryLeavesAPlaceholder() {
        storage.append(Entries.range(1, 10, 3));
        assertThat(storage.get().reset(50)).isTrue();
        for (int round = 0; round < 2; round++) {
            assertRange(50, 50);
            assertThat(storage.get().getEntry(50).getType()).isEqualTo(EntryType.ENTRY_TYPE_NO_OP);
            assertThat(storage.term(50)).isZero();
            assertHasNone(10);
            storage.reopen();
        }
    }

    @Test
    void resetIndexIsWrittenAgain() {
        storage.append(Entries.range(1, 10, 3));
        for (long next : new long[] {5, 50}) {
            assertThat(storage.get().reset(next)).isTrue();
            storage.append(Entries.range(next, next + 3, 8));
            storage.reopen();
            assertRange(next, next + 3);
            Entries.range(next, next + 3, 8).forEach(this::assertHolds);
        }
    }

    @Test
    void resetRemovesConfigurations() {
        storage.append(Entries.configuration(1, 1, 8081), Entries.data(2, 1), Entries.configuration(3, 1, 8082));
        assertThat(storage.get().reset(2)).isTrue();
        storage.reopen();
        assertThat(storage.configurations(10)).isEmpty();
    }

    @Test
    void resetToAnInvalidIndexIsRefused() {
        for (long index : new long[] {0, -1}) {
            assertThatThrownBy(() -> storage.get().reset(index)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void lastEntryIsReplaced() {
        storage.append(Entries.range(1, 3, 1));
        storage.append(Entries.data(3, 2));
        storage.reopen();
        assertRange(1, 3);
        assertHolds(Entries.data(3, 2));
        assertHolds(Entries.data(2, 1));
    }

    @Test
    void manyBatchesSurviveReopening() {
        for (int batch = 0; batch < 50; batch++) {
            storage.append(Entries.range(batch * 20 + 1, batch * 20 + 20, batch));
        }
        storage.reopen();
        assertRange(1, 1000);
        for (int batch = 0; batch < 50; batch++) {
            Entries.range(batch * 20 + 1, batch * 20 + 20, batch).forEach(this::assertHolds);
        }
    }

    @Test
    void storageIsReopenedAfterShutdown() {
        storage.append(Entries.range(1, 3, 1));
        LogStorage same = storage.get();
        same.shutdown();
        assertThat(StorageUnderTest.opens(same)).isTrue();
        assertRange(1, 3);
        assertThat(StorageUnderTest.opens(same)).as("opened twice").isTrue();
    }

    @Test
    void appendsAfterShutdownAreRefused() {
        LogStorage same = storage.get();
        same.shutdown();
        assertThat(same.appendEntries(Entries.range(1, 3, 1))).isZero();
        assertThat(same.appendEntry(Entries.data(1, 1))).isFalse();
        assertThat(StorageUnderTest.opens(same)).isTrue();
        assertRange(1, 0);
    }

    @Test
    void blankPathsAreRefused() {
        for (String path : new String[] {"", "  "}) {
            assertThatThrownBy(() -> factory().createLogStorage(path, new RaftOptions()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("Blank log storage uri.");
        }
    }

    @Test
    void regularFileAsPathIsRefused() throws IOException {
        Path file = Files.write(parent.resolve("file"), new byte[] {1});
        LogStorage other = factory().createLogStorage(file.toString(), new RaftOptions());
        assertThatThrownBy(() -> StorageUnderTest.opens(other))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(file.toString());
        assertThat(file).hasBinaryContent(new byte[] {1});
    }

    @Test
    void entryMayBeChangedAfterItWasAppended() {
        LogEntry entry = Entries.data(1, 1, 100);
        LogEntry before = Entries.data(1, 1, 100);
        storage.append(entry);
        entry.getData().put(0, (byte) ~entry.getData().get(0));
        entry.setData(ByteBuffer.allocate(3));
        assertHolds(before);
    }
}
