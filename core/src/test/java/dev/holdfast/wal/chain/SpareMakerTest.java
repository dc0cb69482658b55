package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.wal.DiskFullException;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
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
                .isEqualTo(new Spares.Spare("spare-00000007.tmp", 8200, false, true));
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
        spares.reserve();
        assertThat(spares.take(10_000).spare().name()).isEqualTo("spare-00000003.tmp");
    }

    @Test
    void takeLeavesTheReserveAlone() throws IOException {
        spares.reserve();
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

    /** Takes spares at an interval, and prepares the next ones after each. */
    private void grow(int rolls, long nanos, HeapStorage into, SpareMaker maker) throws IOException {
        AtomicLong clock = new AtomicLong();
        maker.use(LARGE, () -> clock.addAndGet(nanos), Runnable::run);
        maker.reserve();
        for (int i = 0; i < rolls; i++) {
            maker.take(SMALL);
            into.takeSteps();
            maker.prepare(SMALL, () -> true);
        }
    }

    @Test
    void logThatGrowsInBulkHasSparesAheadThatBypassTheCache() throws IOException {
        grow(1, 80_000, storage, spares);
        assertThat(spares.pool().forRolls(SMALL))
                .as("no more ahead than the log has")
                .isEqualTo(1);
        spares.take(SMALL);
        spares.take(SMALL);
        spares.prepare(SMALL, () -> true);
        assertThat(spares.pool().forRolls(SMALL)).isEqualTo(3);
        assertThat(storage.takeSteps())
                .filteredOn(step -> step.startsWith("write"))
                .allMatch(step -> step.startsWith("write synced"));
    }

    @Test
    void logThatGrowsSlowlyHasOneSpareAheadInTheCache() throws IOException {
        grow(5, 90_000, storage, spares);
        assertThat(spares.isHurried()).isFalse();
        assertThat(spares.pool().forRolls(SMALL)).isEqualTo(1);
        assertThat(storage.takeSteps())
                .contains("write spare-00000009.new.tmp 0")
                .noneMatch(step -> step.contains("synced"));
    }

    @Test
    void logThatRecyclesItsSegmentsMakesNoFurtherSparesAhead() throws IOException {
        grow(3, 1, storage, spares);
        storage.put("00000001-0000000000000001.seg", new byte[(int) SMALL]);
        assertThat(spares.pool().take(SMALL)).isPresent();
        spares.recycleOrDelete(storage.find("00000001-0000000000000001.seg").orElseThrow(), Blocks.PROVEN);
        spares.syncNames();
        spares.take(SMALL);
        spares.prepare(SMALL, () -> true);
        assertThat(spares.isHurried()).isFalse();
        assertThat(spares.pool().forRolls(SMALL))
                .as("one of three is not replaced")
                .isEqualTo(2);
    }

    @Test
    void sparesAheadLeaveTheLastFreeSpaceAlone() throws IOException {
        grow(3, 1, storage, spares);
        storage.leaveFree(6 * SMALL - 1);
        for (int i = 0; i < 3; i++) {
            spares.take(SMALL);
        }
        spares.prepare(SMALL, () -> true);
        assertThat(spares.pool().forRolls(SMALL)).isEqualTo(1);
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
        spares.reserve();
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
        assertThatThrownBy(() -> adopted.reserve()).hasMessageContaining("too many open files");
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
        spares.reserve();
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
        spares.reserve();
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

    /** Prepares spares on threads of their own for a log that grows in bulk. Calls {@code write} before each write. */
    private SpareMaker inBulk(LongConsumer write) throws IOException {
        Storage watched = new ForwardingStorage(storage) {
            @Override
            protected WritableFile wrap(WritableFile file) {
                return new Writer(file) {
                    @Override
                    public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
                        write.accept(offset);
                        super.writeSynced(offset, bytes, from, length);
                    }
                };
            }
        };
        SpareMaker maker = new SpareMaker(watched, SMALL);
        maker.use(LARGE, nanoTime::incrementAndGet, task -> new Thread(task).start());
        maker.reserve();
        maker.take(SMALL); // the first roll shows that the log grows in bulk
        return maker;
    }

    private static Thread start(Call call) {
        Thread thread = new Thread(() -> assertThatCode(call::run).doesNotThrowAnyException());
        thread.start();
        return thread;
    }

    private static void awaitState(Thread thread, Thread.State state) {
        while (thread.getState() != state) {
            assertThat(thread.getState()).isNotEqualTo(Thread.State.TERMINATED);
        }
    }

    @Test
    @Timeout(60)
    void appendsInBulkWaitUntilAsMuchOfTheNextSpareIsFilledAsIsUsedOfTheTail() throws Exception {
        CountDownLatch twoThirdsFilled = new CountDownLatch(1);
        CountDownLatch rest = new CountDownLatch(1);
        SpareMaker maker = inBulk(offset -> {
            if (offset < 2 << 20) return;
            twoThirdsFilled.countDown();
            assertThatCode(rest::await).doesNotThrowAnyException();
        });
        maker.prepare(LARGE, () -> true);
        twoThirdsFilled.await();
        maker.keepPace(0.6, () -> fail("waits though two thirds are filled"));
        AtomicInteger pauses = new AtomicInteger();
        maker.keepPace(0.65, () -> {
            pauses.incrementAndGet();
            rest.countDown();
            while (maker.pool().forRolls(LARGE) == 0) Thread.onSpinWait();
        });
        assertThat(pauses).hasValue(1);
    }

    @Test
    @Timeout(60)
    void appendsInBulkDoNotWaitForASpareThatIsNotFilledAnyMore() throws Exception {
        CountDownLatch hangs = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        SpareMaker maker = inBulk(offset -> {
            hangs.countDown();
            assertThatCode(end::await).doesNotThrowAnyException();
        });
        maker.keepPace(1, () -> fail("waits before a spare is made"));
        maker.prepare(LARGE, () -> true);
        hangs.await();
        AtomicInteger pauses = new AtomicInteger();
        maker.keepPace(0, pauses::incrementAndGet);
        assertThat(pauses).hasValue(SpareMaker.PACE_LOOKS - 1);
        maker.keepPace(1, () -> fail("waits again"));
        end.countDown();
    }

    @Test
    @Timeout(60)
    void rollTakesTheSpareThatItWaitedForBeforeAnotherIsMade() throws Exception {
        Semaphore writes = new Semaphore(1);
        SpareMaker maker = inBulk(offset -> writes.acquireUninterruptibly());
        maker.take(SMALL);
        maker.prepare(SMALL, () -> true); // two are wanted, and none can be written
        Thread roll = start(() -> maker.take(SMALL));
        awaitState(roll, Thread.State.WAITING);
        writes.release();
        roll.join();
        writes.release(2);
    }

    @Test
    @Timeout(60)
    void waitingThreadEndsThePausesOfTheSpareBeingMade() throws Exception {
        Thread waiting = new Thread(() -> {
            try {
                spares.reserve();
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

    @Test
    void noSpareIsMadeAfterStop() throws IOException {
        spares.stop();
        spares.make(SMALL);
        spares.reserve();
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
                () -> spares.reserve(),
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
