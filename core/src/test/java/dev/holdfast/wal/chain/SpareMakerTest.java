package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.chain.DeadFiles.Blocks;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.StoredFile;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SpareMakerTest {
    private static final long SMALL = 8192;
    private static final long LARGE = 3 << 20;
    private final HeapStorage storage = new HeapStorage().recordSteps();
    private final SpareMaker spares = new SpareMaker(storage, SMALL);
    private final AtomicLong nanoTime = new AtomicLong();

    private void adopt() throws IOException {
        spares.adopt(storage.list());
    }

    @Test
    void spareIsFilledWithZerosAndSyncedBeforeItIsRenamed() throws IOException {
        spares.make(SMALL);
        assertThat(storage.takeSteps())
                .containsExactly(
                        "create spare-00000001.new.tmp",
                        "write spare-00000001.new.tmp 0",
                        "sync spare-00000001.new.tmp",
                        "rename spare-00000001.new.tmp spare-00000001.tmp",
                        "sync names");
        assertThat(storage.bytes("spare-00000001.tmp")).hasSize((int) SMALL).containsOnly(0);
        assertThat(spares.pool().count()).isOne();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void largeSpareIsFilledToItsEnd() throws IOException {
        spares.make(LARGE - 4096);
        assertThat(storage.bytes("spare-00000001.tmp")).hasSize((int) LARGE - 4096);
    }

    @Test
    void fullDiskLeavesNoUnfinishedFile() throws IOException {
        storage.leaveFree(SMALL / 2);
        assertThatThrownBy(() -> spares.make(SMALL))
                .isInstanceOf(DiskFullException.class)
                .hasMessage(
                        "heap: no room for another segment of 8192 bytes. The call was refused and changed nothing. Free some "
                                + "space and try again; trimming a log that is open makes room, too.");
        storage.leaveFree(0);
        assertThatThrownBy(() -> spares.make(SMALL)).isInstanceOf(DiskFullException.class);
        assertThat(storage.list()).isEmpty();
        assertThat(spares.pool().count()).isZero();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    void existingSparesAreAdoptedAndUnfinishedOnesDeleted() throws IOException {
        storage.put("spare-00000007.tmp", new byte[8200])
                .put("spare-0000000a.new.tmp", new byte[8192])
                .put("spare-00000003.tmp", new byte[8191])
                .put("spare-00000004.tmp.bak", new byte[8192])
                .put("spare-0000000B.tmp", new byte[8192])
                .put("notes.tmp", new byte[8192]);
        adopt();
        assertThat(spares.pool().count()).isOne();
        assertThat(storage.snapshot())
                .containsOnlyKeys("spare-00000007.tmp", "spare-00000004.tmp.bak", "spare-0000000B.tmp", "notes.tmp");
        assertThat(spares.takeReserved(SMALL).spare())
                .isEqualTo(new Spares.Spare("spare-00000007.tmp", 8200, true, true));
        spares.make(SMALL);
        assertThat(storage.snapshot()).containsKey("spare-0000000b.tmp");
    }

    @Test
    void fileWithASecondNameIsNoSpare() throws IOException {
        storage.put("spare-00000001.tmp", new byte[8192]);
        spares.adopt(List.of(
                new StoredFile("spare-00000001.tmp", 8192, 2, true),
                new StoredFile("spare-00000002.tmp", 8192, 1, false)));
        assertThat(spares.pool().count()).isZero();
        assertThat(storage.list()).isEmpty();
    }

    @Test
    void shortestSpareThatIsLongEnoughIsTaken() throws IOException {
        storage.put("spare-00000001.tmp", new byte[40960])
                .put("spare-00000002.tmp", new byte[8192])
                .put("spare-00000003.tmp", new byte[16384])
                .put("spare-00000004.tmp", new byte[8192]);
        adopt();
        assertThat(spares.pool().has(40960)).isTrue();
        assertThat(spares.pool().has(40961)).isFalse();
        spares.reserve(0);
        assertThat(spares.take(10_000).spare().name()).isEqualTo("spare-00000003.tmp");
    }

    @Test
    void takeLeavesTheReserveAlone() throws IOException {
        spares.reserve(0);
        assertThat(spares.pool().count()).isEqualTo(Spares.RESERVED);
        storage.leaveFree(0);
        assertThatThrownBy(() -> spares.take(SMALL)).isInstanceOf(DiskFullException.class);
        assertThat(spares.pool().count()).isEqualTo(Spares.RESERVED);
        for (int i = 0; i < Spares.RESERVED; i++) {
            spares.takeReserved(SMALL);
        }
        assertThatThrownBy(() -> spares.takeReserved(SMALL)).isInstanceOf(DiskFullException.class);
    }

    @Test
    void takeMakesAMissingSpare() throws IOException {
        assertThat(spares.take(SMALL).spare().length()).isEqualTo(SMALL);
        assertThat(spares.takeReserved(40960).spare().length()).isEqualTo(40960);
        SpareMaker longer = new SpareMaker(new HeapStorage(), 40960);
        assertThat(longer.takeReserved(SMALL).spare().length()).isEqualTo(40960);
        assertThat(longer.take(SMALL).spare().length()).isEqualTo(40960);
    }

    @Test
    void onlyTakingAMissingSpareCountsAsAWait() throws IOException {
        for (int i = 0; i <= Spares.RESERVED; i++) {
            spares.make(SMALL);
        }
        spares.take(SMALL);
        spares.takeReserved(SMALL);
        assertThat(spares.waits()).isZero();
        spares.take(SMALL);
        assertThat(spares.waits()).isOne();
        spares.reserve(0);
        assertThat(spares.waits()).isEqualTo(2);
    }

    @Test
    void existingSpareIsFilledWithZerosBeforeItIsTaken() throws IOException {
        storage.put("spare-00000001.tmp", new byte[(1 << 20) + 4096]);
        storage.makeHoles("spare-00000001.tmp");
        adopt();
        assertThat(storage.takeSteps()).isEmpty();
        assertThat(spares.takeReserved(SMALL).spare().name()).isEqualTo("spare-00000001.tmp");
        assertThat(storage.takeSteps())
                .containsExactly(
                        "write spare-00000001.tmp 0",
                        "sync spare-00000001.tmp",
                        "write spare-00000001.tmp 1048576",
                        "sync spare-00000001.tmp");
    }

    @Test
    void spareThatCannotBeFilledNowIsTriedAgain() throws IOException {
        storage.put("spare-00000001.tmp", new byte[8192]);
        boolean[] refuses = {true};
        Storage refusing = new ForwardingStorage(storage) {
            @Override
            public WritableFile openForWriting(String name) throws IOException {
                if (refuses[0]) {
                    throw new IOException("too many open files");
                }
                return super.openForWriting(name);
            }
        };
        SpareMaker adopted = new SpareMaker(refusing, SMALL);
        adopted.adopt(storage.list());
        assertThatThrownBy(() -> adopted.takeReserved(SMALL)).hasMessageContaining("too many open files");
        assertThatThrownBy(() -> adopted.reserve(0)).hasMessageContaining("too many open files");
        assertThat(adopted.pool().count()).isOne();
        refuses[0] = false;
        assertThat(adopted.takeReserved(SMALL).spare().name()).isEqualTo("spare-00000001.tmp");
    }

    @Test
    void fullDiskDeletesSparesWithHolesAndKeepsOthersForTheReserve() throws IOException {
        for (int i = 1; i <= 5; i++) {
            storage.put("spare-0000000" + i + ".tmp", new byte[8192]);
        }
        storage.makeHoles("spare-00000002.tmp");
        storage.makeHoles("spare-00000004.tmp");
        storage.leaveFree(0);
        adopt();
        spares.reserve(0);
        assertThat(storage.snapshot()).doesNotContainKey("spare-00000002.tmp");
        for (int i = 0; i < Spares.RESERVED; i++) {
            spares.takeReserved(SMALL);
        }
        assertThatThrownBy(() -> spares.takeReserved(SMALL)).isInstanceOf(DiskFullException.class);
    }

    @Test
    void nearlyFullDiskThatLosesAllSparesWithHolesStillGivesAShortSpare() throws IOException {
        for (int i = 1; i <= Spares.RESERVED; i++) {
            storage.put("spare-0000000" + i + ".tmp", new byte[(int) (2 * SMALL)]);
            storage.makeHoles("spare-0000000" + i + ".tmp");
        }
        storage.leaveFree(SMALL);
        SpareMaker adopted = new SpareMaker(storage, LARGE);
        adopted.adopt(storage.list());
        assertThat(adopted.takeReserved(SMALL).spare().length()).isEqualTo(SMALL);
        assertThat(storage.snapshot()).hasSize(1);
    }

    /** Each refused append filled the disk and took all space from other programs for a while. */
    @Test
    void refusedAttemptIsRepeatedOnlyWhenEnoughMoreIsFree() throws IOException {
        storage.leaveFree((2 << 20) + 100);
        assertThatThrownBy(() -> spares.make(LARGE)).isInstanceOf(DiskFullException.class);
        assertThat(storage.takeSteps()).isNotEmpty();
        for (long free : new long[] {0, 100, LARGE - 1}) {
            storage.leaveFree(free);
            assertThatThrownBy(() -> spares.make(LARGE)).isInstanceOf(DiskFullException.class);
            assertThat(storage.takeSteps()).as("with %d bytes free", free).isEmpty();
        }
        // Simulates a higher quota, which the number of free bytes does not show.
        spares.use(LARGE, nanoTime::get, Runnable::run);
        nanoTime.set(60_000_000_000L);
        assertThatThrownBy(() -> spares.make(LARGE)).isInstanceOf(DiskFullException.class);
        assertThat(storage.takeSteps()).as("a minute later").isNotEmpty();
        storage.leaveFree(SMALL + 100);
        spares.make(SMALL);
        storage.leaveFree(LARGE + 100);
        spares.make(LARGE);
        assertThat(spares.pool().count()).isEqualTo(2);
    }

    @Test
    void eachMebibyteOfAnUrgentSpareIsSynced() throws IOException {
        spares.prepare((3 << 20) - 4096, () -> true);
        String file = "spare-00000001.new.tmp";
        assertThat(storage.takeSteps())
                .containsExactly(
                        "create " + file,
                        "write " + file + " 0",
                        "sync " + file,
                        "write " + file + " 1048576",
                        "sync " + file,
                        "write " + file + " 2097152",
                        "sync " + file,
                        "rename " + file + " spare-00000001.tmp",
                        "sync names");
        assertThat(spares.takeReserved(SMALL).spare().length()).isEqualTo((3 << 20) - 4096);
    }

    @Test
    void spareThatIsNotUrgentIsWrittenInPiecesAndSyncedAfter16MebibytesAndAtItsEnd() throws IOException {
        spares.use(LARGE, () -> 0, Runnable::run);
        spares.reserve(0);
        spares.take(SMALL); // used up in no time, so filling has no pauses
        storage.takeSteps();
        spares.prepare((17 << 20) + 4096, () -> false);
        String file = "spare-00000005.new.tmp";
        List<String> expected = new ArrayList<>(List.of("create " + file));
        for (int offset = 0; offset < (17 << 20) + 4096; offset += 64 << 10) {
            expected.add("write " + file + " " + offset);
            if (offset + (64 << 10) == 16 << 20) expected.add("sync " + file);
        }
        expected.addAll(List.of("sync " + file, "rename " + file + " spare-00000005.tmp", "sync names"));
        assertThat(storage.takeSteps()).isEqualTo(expected);
    }

    @Test
    @Timeout(60)
    void waitingThreadEndsThePausesOfTheSpareBeingMade() throws Exception {
        Thread waiting = new Thread(() -> {
            try {
                spares.reserve(0);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        AtomicInteger asked = new AtomicInteger();
        spares.prepare(64 << 20, () -> {
            asked.incrementAndGet();
            waiting.start();
            while (waiting.getState() != Thread.State.WAITING) {
                Thread.onSpinWait();
            }
            return false;
        });
        assertThat(asked).hasValue(1);
        waiting.join();
        assertThat(spares.pool().count()).isEqualTo(Spares.RESERVED);
    }

    /** The disk reports a failed sync only once, and nobody waits for the thread that makes spares. */
    @Test
    void failedSyncOfNamesInTheBackgroundFailsTheNextSync() throws IOException {
        boolean[] fails = {true};
        SpareMaker maker = new SpareMaker(
                new ForwardingStorage(storage) {
                    @Override
                    public void sync() throws IOException {
                        if (fails[0]) {
                            fails[0] = false;
                            throw new IOException("the disk is broken");
                        }
                        super.sync();
                    }
                },
                SMALL);
        maker.prepare(SMALL, () -> true);
        assertThat(fails[0]).isFalse();
        assertThatThrownBy(maker::syncNames).hasMessage("the disk is broken");
    }

    @Test
    void noSpareIsMadeAfterStop() throws IOException {
        spares.stop();
        spares.make(SMALL);
        spares.reserve(0);
        assertThat(storage.list()).isEmpty();
    }

    private interface Call {
        void run() throws IOException;
    }

    @Test
    @Timeout(60)
    void everyCallReleasesTheLocks() throws IOException {
        storage.put("00000001-0000000000000001.seg", new byte[8192]);
        StoredFile dead = storage.list().get(0);
        List<Call> calls = List.of(
                () -> spares.make(SMALL),
                () -> spares.reserve(0),
                () -> spares.take(SMALL),
                () -> spares.takeReserved(SMALL),
                () -> spares.recycleOrDelete(dead, Blocks.PROVEN),
                () -> spares.pool().has(SMALL),
                () -> spares.pool().shortest(SMALL),
                () -> spares.pool().count(),
                spares::syncNames,
                spares::stop);
        for (Call call : calls) {
            call.run();
            CompletableFuture.runAsync(() -> {
                        try {
                            spares.pool().count();
                            spares.make(SMALL);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    })
                    .join();
        }
    }

    @Test
    void shortestReturnsTheLengthThatWouldBeTakenOrMade() throws IOException {
        assertThat(spares.pool().shortest(40960)).isEqualTo(40960);
        storage.put("00000001-0000000000000001.seg", new byte[8192]);
        spares.recycleOrDelete(storage.list().get(0), Blocks.PROVEN);
        spares.make(16384);
        assertThat(spares.pool().shortest(40960)).isEqualTo(8192);
    }

    @Test
    void fileOfMaximumLengthMayBeASpareAndALongerOneMayNot() throws IOException {
        storage.put("spare-00000001.tmp", new byte[0]).put("spare-00000002.tmp", new byte[0]);
        spares.adopt(List.of(
                new StoredFile("spare-00000001.tmp", Layout.MAX_FILE_BYTES, 1, true),
                new StoredFile("spare-00000002.tmp", Layout.MAX_FILE_BYTES + 1, 1, true)));
        assertThat(spares.pool().count()).isOne();
        assertThat(spares.pool().has(Layout.MAX_FILE_BYTES)).isTrue();
        assertThat(storage.snapshot()).containsOnlyKeys("spare-00000001.tmp");
    }

    /** After a spare with the largest number of 15 digits, the next one had 16 digits and was not recognized later. */
    @Test
    void largestSpareNumberLeavesNumbersForTheNextSpares() throws IOException {
        storage.put("spare-fffffffffffffff.tmp", new byte[8192]);
        adopt();
        spares.make(SMALL);
        SpareMaker next = new SpareMaker(storage, SMALL);
        next.adopt(storage.list());
        assertThat(next.pool().count()).isEqualTo(2);
        next.make(SMALL);
        assertThat(next.pool().count()).isEqualTo(3);
    }

    @Test
    void spareBeingMadeAtStopIsDeleted() throws IOException {
        SpareMaker[] stopped = new SpareMaker[1];
        stopped[0] = new SpareMaker(
                new ForwardingStorage(storage) {
                    @Override
                    public WritableFile create(String name) throws IOException {
                        stopped[0].stop();
                        return super.create(name);
                    }
                },
                SMALL);
        stopped[0].make(LARGE);
        assertThat(stopped[0].pool().count()).isZero();
        assertThat(storage.list()).isEmpty();
        assertThat(storage.openFiles()).isZero();
    }

    @Test
    @Timeout(60)
    void fullDiskReleasesTheLocks() {
        storage.leaveFree(0);
        assertThatThrownBy(() -> spares.make(SMALL)).isInstanceOf(DiskFullException.class);
        CompletableFuture.runAsync(
                        () -> assertThatThrownBy(() -> spares.make(SMALL)).isInstanceOf(DiskFullException.class))
                .join();
    }

    @Test
    void allSpareNumbersAreUsed() throws IOException {
        storage.put("spare-ffffffffffffffe.tmp", new byte[8192]);
        adopt();
        spares.make(SMALL);
        spares.make(SMALL);
        assertThat(storage.snapshot())
                .containsOnlyKeys("spare-ffffffffffffffe.tmp", "spare-fffffffffffffff.tmp", "spare-00000001.tmp");
    }
}
