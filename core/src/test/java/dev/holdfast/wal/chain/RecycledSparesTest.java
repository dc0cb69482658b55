package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.chain.DeadFiles.Blocks;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Files of removed segments that become spares, and which of the spares are kept. */
class RecycledSparesTest {
    private static final long SMALL = 8192;
    private static final long LARGE = 3 << 20;

    private final HeapStorage storage = new HeapStorage().recordSteps();
    private final SpareMaker spares = new SpareMaker(storage, SMALL);
    private final AtomicLong nanoTime = new AtomicLong();

    @Test
    void recycledSegmentIsFilledWithZerosOnlyIfAnotherProcessWroteIt() throws IOException {
        storage.put("00000001-0000000000000001.seg", new byte[8192]);
        spares.recycleOrDelete(storage.list().get(0), Blocks.UNPROVEN);
        spares.syncNames();
        storage.takeSteps();
        spares.takeReserved(SMALL);
        assertThat(storage.takeSteps()).containsExactly("write spare-00000001.tmp 0", "sync spare-00000001.tmp");
    }

    @Test
    void recycledFileIsTakenOnlyAfterItsNewNameIsSynced() throws IOException {
        storage.put("00000001-0000000000000001.seg", new byte[8192]);
        spares.recycleOrDelete(storage.list().get(0), Blocks.PROVEN);
        assertThat(spares.pool().count()).isOne();
        assertThat(storage.takeSteps()).containsExactly("rename 00000001-0000000000000001.seg spare-00000001.tmp");
        assertThat(spares.takeReserved(SMALL).spare().name()).isEqualTo("spare-00000001.tmp");
        assertThat(storage.takeSteps()).containsExactly("sync names");
    }

    @Test
    void recycledFileWithASyncedNameIsTakenAtOnce() throws IOException {
        storage.put("00000001-0000000000000001.seg", new byte[8192]);
        spares.recycleOrDelete(storage.list().get(0), Blocks.PROVEN);
        spares.syncNames();
        storage.takeSteps();
        spares.takeReserved(SMALL);
        assertThat(storage.takeSteps()).isEmpty();
    }

    @Test
    void filesBeyondTheWantedNumberAreNotRecycled() throws IOException {
        for (int i = 1; i <= 9; i++) {
            storage.put(String.format("%08x-0000000000000001.seg", i), new byte[8192]);
        }
        for (StoredFile file : storage.list()) {
            spares.recycleOrDelete(file, Blocks.PROVEN);
        }
        assertThat(spares.pool().count()).isEqualTo(Spares.RESERVED + 3);
        assertThat(storage.list()).hasSize(Spares.RESERVED + 3);
    }

    @Test
    void fileWithASecondNameIsNotRecycled() throws IOException {
        storage.put("00000001-0000000000000001.seg", new byte[8192]);
        spares.recycleOrDelete(new StoredFile("00000001-0000000000000001.seg", 8192, 2, true), Blocks.PROVEN);
        assertThat(storage.list()).isEmpty();
        storage.put("00000001-0000000000000001.seg", new byte[100]);
        spares.recycleOrDelete(new StoredFile("00000001-0000000000000001.seg", 100, 1, true), Blocks.PROVEN);
        assertThat(storage.list()).isEmpty();
        assertThat(spares.pool().count()).isZero();
    }

    @Test
    void lengthOfARecycledFileIsRoundedDownToWords() throws IOException {
        storage.put("00000001-0000000000000001.seg", new byte[8199]);
        spares.recycleOrDelete(storage.list().get(0), Blocks.PROVEN);
        assertThat(spares.pool().has(8192)).isTrue();
        assertThat(spares.pool().has(8193)).isFalse();
    }

    @Test
    void longerFileReplacesAShorterSpareThatIsNotReserved() throws IOException {
        for (int i = 1; i <= Spares.RESERVED + 3; i++) {
            spares.make(SMALL);
        }
        for (long length = 2 * SMALL; length <= 16 * SMALL; length *= 2) {
            recycle(length);
            assertThat(spares.pool().count()).isEqualTo(Spares.RESERVED + 3);
        }
        assertThat(lengths()).containsExactly(SMALL, SMALL, SMALL, 4 * SMALL, 8 * SMALL, 16 * SMALL);
        recycle(4 * SMALL);
        recycle(SMALL);
        assertThat(lengths()).containsExactly(SMALL, SMALL, SMALL, 4 * SMALL, 8 * SMALL, 16 * SMALL);
    }

    @Test
    void excessSparesAreDeletedForALongOne() throws IOException {
        for (int i = 1; i <= Spares.RESERVED + 6; i++) {
            spares.make(SMALL);
        }
        recycle(2 * SMALL);
        assertThat(lengths()).containsExactly(SMALL, SMALL, SMALL, SMALL, SMALL, 2 * SMALL);
    }

    /** Lets a segment of a length die, recycles it and syncs the names. */
    private void recycle(long length) throws IOException {
        storage.put("00000001-0000000000000001.seg", new byte[(int) length]);
        spares.recycleOrDelete(new StoredFile("00000001-0000000000000001.seg", length, 1, true), Blocks.PROVEN);
        spares.syncNames();
    }

    private List<Long> lengths() {
        return storage.snapshot().values().stream()
                .map(bytes -> (long) bytes.length)
                .sorted()
                .toList();
    }

    /** A copy of the log may have the file under the second name. */
    @Test
    void recycledFileWithASecondNameIsDeleted() throws IOException {
        SpareMaker shared = new SpareMaker(
                new ForwardingStorage(storage) {
                    @Override
                    public Optional<StoredFile> find(String name) throws IOException {
                        return super.find(name).map(file -> new StoredFile(file.name(), file.length(), 2, true));
                    }
                },
                SMALL);
        storage.put("00000001-0000000000000001.seg", new byte[8192]);
        shared.recycleOrDelete(storage.list().get(0), Blocks.PROVEN);
        shared.syncNames();
        assertThat(shared.pool().count()).isZero();
        assertThat(storage.list()).isEmpty();
        storage.put("00000002-0000000000000001.seg", new byte[8192]);
        shared.recycleOrDelete(storage.list().get(0), Blocks.PROVEN);
        assertThat(shared.takeReserved(SMALL).spare().name()).isEqualTo("spare-00000003.tmp");
    }

    @Test
    void sparesLongerThanASegmentAreKeptOnlyForTheReserve() throws IOException {
        spares.use(2 * SMALL, nanoTime::get, Runnable::run);
        for (int i = 0; i < 5; i++) {
            recycle(40 * SMALL);
        }
        assertThat(lengths()).as("the reserve, before it is made").hasSize(Spares.RESERVED);
        spares.reserve(0);
        assertThat(lengths()).containsExactly(SMALL, SMALL, SMALL);
        recycle(2 * SMALL);
        recycle(3 * SMALL);
        assertThat(lengths()).containsExactly(SMALL, SMALL, SMALL, 2 * SMALL);
    }

    @Test
    void sparesLongerThanASegmentStayIfTheDiskIsFull() throws IOException {
        spares.use(2 * SMALL, nanoTime::get, Runnable::run);
        for (int i = 0; i < Spares.RESERVED; i++) {
            recycle(40 * SMALL);
        }
        storage.leaveFree(0);
        spares.reserve(0);
        assertThat(lengths()).hasSize(Spares.RESERVED);
        spares.takeReserved(SMALL);
        assertThatThrownBy(() -> spares.reserve(0)).isInstanceOf(DiskFullException.class);
    }

    @Test
    void longExistingSparesAreDeletedWhenTheSegmentLengthIsSet() throws IOException {
        for (int i = 1; i <= 4; i++) {
            storage.put("spare-0000000" + i + ".tmp", new byte[(int) (i < 4 ? SMALL : LARGE)]);
        }
        spares.adopt(storage.list());
        assertThat(spares.pool().has(LARGE)).isTrue();
        spares.use(SMALL, nanoTime::get, Runnable::run);
        assertThat(lengths()).containsExactly(SMALL, SMALL, SMALL);
    }
}
