package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The reserve of a new log is small. It grows before a group is written that its spares could not take as a copy. */
class GrowingReserveTest {
    private static final long FIRST = 16 << 10;
    private static final long MIB = 1 << 20;

    private final HeapStorage storage = new HeapStorage();
    private final SpareMaker spares = new SpareMaker(storage, FIRST);

    private void openWith(long segmentBytes) throws IOException {
        spares.use(segmentBytes, () -> 0, Runnable::run);
        spares.reserve(0);
        assertThat(lengths()).containsExactly(FIRST, FIRST, FIRST);
    }

    private List<Long> lengths() throws IOException {
        return storage.list().stream().map(StoredFile::length).sorted().toList();
    }

    @Test
    void groupThatFitsNeedsNoLongerReserve() throws IOException {
        openWith(64 * MIB);
        long room = Layout.recordsEnd(FIRST) - Layout.HEADER_BYTES - 2 * Layout.GROUP_HEADER_BYTES;
        spares.reserve(room);
        assertThat(lengths()).containsExactly(FIRST, FIRST, FIRST);
        spares.reserve(room + Layout.ALIGNMENT);
        assertThat(lengths()).containsExactly(MIB, MIB, MIB);
        spares.reserve(0);
        assertThat(lengths()).containsExactly(MIB, MIB, MIB);
    }

    @Test
    void largestGroupOfSeveralBatchesFitsIntoTheReserveWithItsPadding() throws IOException {
        openWith(64 * MIB);
        spares.reserve(Layout.MAX_GROUP_BYTES);
        assertThat(lengths()).containsExactly(MIB, MIB, MIB);
        long padded = Layout.MAX_GROUP_BYTES + Layout.BLOCK_BYTES + Layout.GROUP_HEADER_BYTES;
        assertThat(spares.pool().has(CutPlan.fileLengthFor(padded))).isTrue();
    }

    @Test
    void largeBatchNeedsNoReserveOfItsLength() throws IOException {
        openWith(64 * MIB);
        spares.reserve(100 * MIB);
        assertThat(lengths()).containsExactly(MIB, MIB, MIB);
    }

    @Test
    void reserveIsNotLongerThanASegment() throws IOException {
        openWith(2 * FIRST);
        spares.reserve(MIB);
        assertThat(lengths()).containsExactly(2 * FIRST, 2 * FIRST, 2 * FIRST);
    }

    @Test
    void fullDiskRefusesALargeGroupAndKeepsTheReserveOfSmallOnes() throws IOException {
        openWith(64 * MIB);
        storage.leaveFree(MIB + FIRST);
        assertThatThrownBy(() -> spares.reserve(MIB)).isInstanceOf(DiskFullException.class);
        spares.reserve(0);
        assertThat(lengths()).hasSize(Spares.RESERVED);
    }

    @Test
    void longerSpareReplacesAShorterOneBeforeTheNextIsMade() throws IOException {
        openWith(64 * MIB);
        storage.recordSteps();
        spares.reserve(MIB);
        List<String> kinds = storage.takeSteps().stream()
                .map(step -> step.substring(0, step.indexOf(' ')))
                .filter(Set.of("rename", "delete")::contains)
                .toList();
        assertThat(kinds).containsExactly("rename", "delete", "rename", "delete", "rename", "delete");
    }
}
