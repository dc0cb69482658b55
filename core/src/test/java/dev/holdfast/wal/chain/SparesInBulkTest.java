package dev.holdfast.wal.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.fail;

import dev.holdfast.wal.chain.DeadFiles.Blocks;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.Storage;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Spares of a log that grows in bulk: how many are made ahead, and which appends wait for them. */
class SparesInBulkTest {
    private static final long SMALL = 8192;
    private static final long LARGE = 3 << 20;
    private final HeapStorage storage = new HeapStorage().recordSteps();
    private final SpareMaker spares = new SpareMaker(storage, SMALL);
    private final AtomicLong nanoTime = new AtomicLong();

    private interface Call {
        void run() throws IOException;
    }

    /** Fills a segment with synced groups, and takes the spare for the next one. */
    private static void roll(SpareMaker maker) throws IOException {
        maker.growth().wrote(SMALL);
        maker.take(SMALL);
    }

    /** Takes spares at an interval, and prepares the next ones after each. */
    private void grow(int rolls, long nanos, HeapStorage into, SpareMaker maker) throws IOException {
        AtomicLong clock = new AtomicLong();
        maker.use(LARGE, () -> clock.addAndGet(nanos), Runnable::run);
        maker.reserve();
        for (int i = 0; i < rolls; i++) {
            roll(maker);
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
        roll(spares);
        roll(spares);
        spares.prepare(SMALL, () -> true);
        assertThat(spares.pool().forRolls(SMALL)).isEqualTo(3);
        assertThat(storage.takeSteps())
                .filteredOn(step -> step.startsWith("write"))
                .allMatch(step -> step.startsWith("write synced"));
    }

    @Test
    void logThatGrowsSlowlyHasOneSpareAheadInTheCache() throws IOException {
        grow(5, 90_000, storage, spares);
        assertThat(spares.growth().isHurried()).isFalse();
        assertThat(spares.pool().forRolls(SMALL)).isEqualTo(1);
        assertThat(storage.takeSteps())
                .contains("write spare-00000009.new.tmp 0")
                .noneMatch(step -> step.contains("synced"));
    }

    @Test
    void logWithoutSyncedGroupsDoesNotGrowInBulk() throws IOException {
        grow(5, 1, storage, spares);
        assertThat(spares.growth().isHurried()).isTrue();
        spares.take(SMALL);
        assertThat(spares.growth().isBulk()).isFalse();
    }

    @Test
    void logThatRecyclesItsSegmentsMakesNoFurtherSparesAhead() throws IOException {
        grow(3, 1, storage, spares);
        storage.put("00000001-0000000000000001.seg", new byte[(int) SMALL]);
        assertThat(spares.pool().take(SMALL)).isPresent();
        spares.recycleOrDelete(storage.find("00000001-0000000000000001.seg").orElseThrow(), Blocks.PROVEN);
        spares.syncNames();
        roll(spares);
        spares.prepare(SMALL, () -> true);
        assertThat(spares.growth().isHurried()).isFalse();
        assertThat(spares.pool().forRolls(SMALL))
                .as("one of three is not replaced")
                .isEqualTo(2);
    }

    @Test
    void sparesAheadLeaveTheLastFreeSpaceAlone() throws IOException {
        grow(3, 1, storage, spares);
        storage.leaveFree(6 * SMALL - 1);
        for (int i = 0; i < 3; i++) {
            roll(spares);
        }
        spares.prepare(SMALL, () -> true);
        assertThat(spares.pool().forRolls(SMALL)).isEqualTo(1);
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
        roll(maker); // the first roll shows that the log grows in bulk
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
        maker.keepPace(0.6, nanos -> fail("waits though two thirds are filled"));
        AtomicInteger pauses = new AtomicInteger();
        maker.keepPace(0.65, nanos -> {
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
        maker.keepPace(1, nanos -> fail("waits before a spare is made"));
        maker.prepare(LARGE, () -> true);
        hangs.await();
        AtomicInteger pauses = new AtomicInteger();
        maker.keepPace(0, nanos -> pauses.incrementAndGet());
        assertThat(pauses).hasValue(SpareMaker.PACE_LOOKS - 1);
        maker.keepPace(1, nanos -> fail("waits again"));
        end.countDown();
    }

    @Test
    @Timeout(60)
    void rollTakesTheSpareThatItWaitedForBeforeAnotherIsMade() throws Exception {
        Semaphore writes = new Semaphore(1);
        SpareMaker maker = inBulk(offset -> writes.acquireUninterruptibly());
        roll(maker);
        maker.prepare(SMALL, () -> true); // two are wanted, and none can be written
        Thread roll = start(() -> maker.take(SMALL));
        awaitState(roll, Thread.State.WAITING);
        writes.release();
        roll.join();
        writes.release(2);
    }
}
