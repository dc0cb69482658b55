package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.chain.DeadFiles.Blocks;
import dev.holdfast.wal.format.Predecessor;
import dev.holdfast.wal.format.SegmentHeader;
import dev.holdfast.wal.segment.Segment;
import dev.holdfast.wal.segment.SegmentIndex;
import dev.holdfast.wal.segment.SegmentWriter;
import dev.holdfast.wal.storage.HeapStorage;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Which logs take files with holes for their rolls, and how these files are made. */
class SparesInBulkTest {
    private static final long LENGTH = 64 << 10;

    private enum Filling {
        CACHED,
        COLD,
        HOLES;

        static Filling of(SpareMaker.Taken taken) {
            if (!taken.spare().proven()) return HOLES;
            return taken.cold() ? COLD : CACHED;
        }
    }

    private final HeapStorage storage = new HeapStorage().recordSteps();
    private final SpareMaker spares = new SpareMaker(storage, LENGTH);

    /** Fills a segment with synced groups, and takes the file for the next one. */
    private Filling roll() throws IOException {
        spares.growth().wrote(LENGTH);
        return take();
    }

    private Filling take() throws IOException {
        SpareMaker.Taken taken = spares.takeForRoll(LENGTH);
        taken.file().close();
        return Filling.of(taken);
    }

    /** Rolls at an interval. Prepares a spare before each roll. */
    private void grow(int rolls, long nanos) throws IOException {
        AtomicLong clock = new AtomicLong();
        spares.use(LENGTH, () -> clock.addAndGet(nanos), Runnable::run);
        spares.reserve(0);
        for (int i = 0; i < rolls; i++) {
            spares.prepare(LENGTH, () -> true);
            roll();
        }
        storage.takeSteps();
    }

    @Test
    void logThatGrowsInBulkTakesFilesWithHoles() throws IOException {
        grow(1, 600_000);
        spares.prepare(LENGTH, () -> true);
        assertThat(storage.takeSteps()).as("prepares nothing").isEmpty();
        long waits = spares.waits();
        assertThat(roll()).isEqualTo(Filling.HOLES);
        assertThat(storage.takeSteps())
                .containsExactly(
                        "create spare-00000005.new.tmp",
                        "write spare-00000005.new.tmp 57192",
                        "write spare-00000005.new.tmp 0",
                        "sync spare-00000005.new.tmp");
        assertThat(spares.pool().count()).as("only the reserve").isEqualTo(Spares.RESERVED);
        assertThat(spares.waits()).isEqualTo(waits);
    }

    @Test
    void logThatGrowsSlowlyTakesFilledSpares() throws IOException {
        grow(5, 700_000);
        spares.prepare(LENGTH, () -> true);
        assertThat(spares.pool().forRolls(LENGTH)).isEqualTo(1);
        assertThat(storage.takeSteps()).contains("write spare-00000009.new.tmp 0");
        assertThat(roll()).isEqualTo(Filling.CACHED);
    }

    @Test
    void groupsThatAreNotSyncedDoNotCount() throws IOException {
        grow(5, 1);
        assertThat(take()).isEqualTo(Filling.CACHED);
        assertThat(roll()).isEqualTo(Filling.HOLES);
    }

    @Test
    void logThatIsTrimmedTakesFilledSpares() throws IOException {
        grow(3, 1);
        spares.logTrims();
        for (int i = 0; i < 32; i++) {
            assertThat(roll()).isNotEqualTo(Filling.HOLES);
        }
        assertThat(roll()).isEqualTo(Filling.HOLES);
    }

    @Test
    void spareThatWasRecycledInBulkIsProbablyNotInTheCache() throws IOException {
        grow(3, 1);
        storage.put("00000001-0000000000000001.seg", new byte[(int) LENGTH]);
        spares.pool().take(LENGTH);
        spares.pool().take(LENGTH);
        spares.recycleOrDelete(storage.find("00000001-0000000000000001.seg").orElseThrow(), Blocks.PROVEN);
        spares.syncNames();
        assertThat(List.of(take(), take(), take())).contains(Filling.COLD);
    }

    @Test
    void filesAreFilledOnceTheDiskHasNoRoomForSixOfThem() throws IOException {
        grow(3, 1);
        storage.leaveFree(6 * LENGTH - 1);
        assertThat(roll()).isEqualTo(Filling.CACHED);
    }

    @Test
    void rollThatFindsNoSpaceForAFileWithHolesTakesTheFileOfADeadSegment() throws IOException {
        grow(3, 1);
        SegmentHeader header =
                new SegmentHeader(1, 1, LENGTH, 1 << 20, false, new UUID(1, 2), 8, 0, new Predecessor.None());
        Segment segment = new Segment(storage, header, new SegmentIndex());
        segment.prove();
        storage.put(segment.fileName(), new byte[(int) LENGTH]);
        storage.leaveFree(8192);
        spares.dead().add(List.of(segment));
        assertThat(roll()).isNotEqualTo(Filling.HOLES);
    }

    @Test
    void fileWithHolesThatFindsNoSpaceIsDeleted() throws IOException {
        grow(3, 1);
        storage.leaveFree(8192);
        assertThatThrownBy(this::roll).isInstanceOf(DiskFullException.class);
        assertThat(storage.takeSteps())
                .contains("create spare-00000007.new.tmp")
                .last()
                .isEqualTo("delete spare-00000007.new.tmp");
    }

    @Test
    void fileWithHolesThatIsNotUsedIsDeleted() throws IOException {
        grow(3, 1);
        spares.growth().wrote(LENGTH);
        SpareMaker.Taken taken = spares.takeForRoll(LENGTH);
        taken.file().close();
        spares.takeBack(taken);
        assertThat(Filling.of(taken)).isEqualTo(Filling.HOLES);
        assertThat(storage.takeSteps())
                .last()
                .isEqualTo("delete " + taken.spare().name());
        assertThat(spares.pool().count()).isEqualTo(Spares.RESERVED);
    }

    @Test
    void afterALackOfSpaceTheNextFileIsFilled() throws IOException {
        grow(3, 1);
        spares.growth().wrote(LENGTH);
        spares.growth().fillNext();
        assertThat(take()).isEqualTo(Filling.CACHED);
        assertThat(roll()).isEqualTo(Filling.HOLES);
    }

    @Test
    void deadSegmentWithHolesBecomesAnUnprovenSpare() throws IOException {
        grow(3, 1);
        Chain chain = new Chain(storage, spares, new UUID(1, 2), () -> 8, 1 << 20, List.of(), 1);
        SegmentWriter first = chain.origin(1);
        assertThat(Blocks.of(first.segment())).isEqualTo(Blocks.PROVEN);
        spares.growth().wrote(LENGTH);
        SegmentWriter second = chain.roll(first, LENGTH);
        assertThat(Blocks.of(second.segment())).isEqualTo(Blocks.UNPROVEN);
    }
}
