package dev.holdfast.wal.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.wal.CommitHook;
import dev.holdfast.wal.DiskFullException;
import dev.holdfast.wal.LogFailedException;
import dev.holdfast.wal.LogStats;
import dev.holdfast.wal.catalog.CatalogHolder;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.ids.Batch;
import dev.holdfast.wal.read.RandomReads;
import dev.holdfast.wal.read.TailPoll;
import dev.holdfast.wal.recovery.Recovery;
import dev.holdfast.wal.recovery.Recovery.Recovered;
import dev.holdfast.wal.segment.ReadBufferPool;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.WritableFile;
import dev.holdfast.wal.threads.Environment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Most tests use one thread: {@link #duringNextWrite} runs on the leader's thread while it writes, so everything that
 * it queues waits behind that write. Tasks of the log run when the test runs them.
 */
@Timeout(60)
class CommitQueueTest {
    private static final int SEGMENT_BYTES = Layout.MIN_SEGMENT_BYTES;
    private static final long MAX_BYTES_IN_FLIGHT = 200_000;

    private final HeapStorage files = new HeapStorage();
    private final ArrayDeque<Runnable> writing = new ArrayDeque<>();
    private final ArrayDeque<Runnable> completing = new ArrayDeque<>();
    private final ArrayDeque<Runnable> timers = new ArrayDeque<>();
    private final List<String> events = new ArrayList<>();
    private Action duringNextWrite = () -> {};
    private Runnable atNextTime = () -> {};
    private long nanos;
    private int writes;
    private CatalogHolder published;
    private CommitQueue queue;

    private interface Action {
        void run() throws IOException;
    }

    /** Counts writes, and runs an action of the test during a write. */
    private final class WatchedStorage extends ForwardingStorage {
        WatchedStorage() {
            super(files);
        }

        @Override
        protected WritableFile wrap(WritableFile file) {
            return new Writer(file) {
                @Override
                public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
                    writes++;
                    Action action = duringNextWrite;
                    duringNextWrite = () -> {};
                    action.run();
                    super.writeSynced(offset, bytes, from, length);
                }
            };
        }
    }

    @BeforeEach
    void open() throws IOException {
        Recovered recovered = new Recovery(new WatchedStorage(), 1 << 20, SEGMENT_BYTES, () -> 4711).run();
        recovered.chain().spares().use(SEGMENT_BYTES, () -> 0, task -> {});
        published = new CatalogHolder(recovered.catalog());
        LogSettings settings =
                new LogSettings(SEGMENT_BYTES, SEGMENT_BYTES, 1 << 20, MAX_BYTES_IN_FLIGHT, true, Layout.ALIGNMENT);
        Environment environment = new Environment(
                writing::add,
                completing::add,
                task -> {},
                Runnable::run,
                timers::add,
                this::nanoTime,
                () -> 4711,
                () -> {});
        Tail tail = new Tail(recovered.chain(), recovered.writer(), published, settings, environment.removing());
        queue = new CommitQueue("a log", settings, environment, tail, published);
        writes = 0;
    }

    private long nanoTime() {
        Runnable action = atNextTime;
        atNextTime = () -> {};
        action.run();
        return nanos;
    }

    private long append(int bytes) throws IOException {
        return queue.append(new byte[bytes], 0, bytes, CommitHook.NONE);
    }

    private CompletableFuture<Long> appendAsync(int bytes) {
        return queue.appendAsync(ByteBuffer.allocate(bytes), 0, bytes, CommitHook.NONE, id -> id);
    }

    private static void runAll(ArrayDeque<Runnable> tasks) {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private void runTasks() {
        runAll(writing);
        runAll(completing);
    }

    private LogStats stats() {
        return queue.stats().build();
    }

    private void close() throws IOException {
        queue.close(() -> events.add("closed"));
    }

    @Test
    void appendsDuringAWriteShareTheNextWrite() throws IOException {
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        duringNextWrite = () -> {
            for (int i = 0; i < 3; i++) {
                futures.add(appendAsync(10));
            }
        };
        assertThat(append(10)).isEqualTo(1);
        runTasks();
        assertThat(futures.stream().map(CompletableFuture::join)).containsExactly(2L, 3L, 4L);
        assertThat(writes).isEqualTo(2);
        assertThat(stats().groups()).isEqualTo(2);
        assertThat(stats().appendedRecords()).isEqualTo(4);
        assertThat(stats().appendedBytes()).isEqualTo(40);
    }

    @Test
    void batchLargerThanAGroupIsOneWrite() throws IOException {
        List<ByteBuffer> records =
                List.of(ByteBuffer.allocate(2000), ByteBuffer.allocate(2000), ByteBuffer.allocate(2000));
        assertThat(queue.append(Batch.withoutIds(records, 2000), 0, 6000, CommitHook.NONE))
                .isEqualTo(1);
        assertThat(stats().groups()).isEqualTo(1);
        assertThat(published.catalog().lastId()).isEqualTo(3);
    }

    @Test
    void groupsStayBelowTheirLimit() throws IOException {
        duringNextWrite = () -> {
            appendAsync(1500);
            appendAsync(1500);
        };
        append(1);
        runTasks();
        assertThat(stats().groups()).isEqualTo(3);
    }

    @Test
    void operationsRunInTheOrderOfTheQueue() throws Exception {
        List<CompletableFuture<Long>> behind = new ArrayList<>();
        List<Thread> truncating = new ArrayList<>();
        append(1);
        append(1);
        duringNextWrite = () -> {
            behind.add(appendAsync(1));
            truncating.add(started(() -> queue.truncate(2)));
            awaitWaiting(truncating.get(0));
            behind.add(appendAsync(1));
        };
        assertThat(append(1)).isEqualTo(3);
        runTasks();
        truncating.get(0).join();
        runTasks();
        assertThat(behind.stream().map(CompletableFuture::join)).containsExactly(4L, 3L);
        assertThat(published.catalog().lastId()).isEqualTo(3);
    }

    @Test
    void hooksRunInIdOrderBeforeTheCallersAreCompleted() throws IOException {
        duringNextWrite = () -> {
            for (int i = 0; i < 3; i++) {
                queue.appendAsync(ByteBuffer.allocate(1), 0, 1, id -> events.add("hook " + id), id -> id)
                        .thenAccept(id -> events.add("future " + id));
            }
        };
        queue.append(ByteBuffer.allocate(1), 0, 1, id -> events.add("hook " + id));
        events.add("returned");
        runTasks();
        assertThat(events)
                .containsExactly(
                        "hook 1", "returned", "hook 2", "hook 3", "hook 4", "future 2", "future 3", "future 4");
    }

    @Test
    void leaderPassesLeadershipToACallerOfTheNextGroup() throws Exception {
        List<Thread> leaders = new ArrayList<>();
        List<Thread> callers = new ArrayList<>();
        duringNextWrite = () -> {
            callers.add(started(() -> append(1)));
            awaitWaiting(callers.get(0));
            duringNextWrite = () -> leaders.add(Thread.currentThread());
        };
        append(1);
        callers.get(0).join();
        assertThat(leaders).isEqualTo(callers);
        assertThat(writing).isEmpty();
    }

    @Test
    void appendsBehindARefusedAppendAreRefusedAndTheirIdsAreFree() throws IOException {
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        duringNextWrite = () -> {
            futures.add(appendAsync(2 * SEGMENT_BYTES));
            futures.add(appendAsync(1));
            files.leaveFree(0);
        };
        append(1);
        runTasks();
        for (CompletableFuture<Long> future : futures) {
            assertThatThrownBy(future::join).hasCauseInstanceOf(DiskFullException.class);
        }
        assertThat(append(1)).isEqualTo(2);
        assertThat(stats().state()).isEqualTo(LogStats.State.OPEN);
    }

    @Test
    void failureIsFinalAndFailsEverythingQueued() throws IOException {
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        duringNextWrite = () -> {
            futures.add(appendAsync(1));
            throw new IOException("broken disk");
        };
        assertThatThrownBy(() -> append(1))
                .isInstanceOf(LogFailedException.class)
                .hasMessageContaining("broken disk");
        runTasks();
        assertThatThrownBy(futures.get(0)::join).hasCauseInstanceOf(LogFailedException.class);
        assertThatThrownBy(() -> append(1)).isInstanceOf(LogFailedException.class);
        assertThatThrownBy(() -> queue.trim(1)).isInstanceOf(LogFailedException.class);
        close();
        assertThat(writes).isEqualTo(1);
    }

    @Test
    void logOfALeaderThatDiesFailsAndCompletesAllCallers() throws IOException {
        List<CompletableFuture<Long>> futures = new ArrayList<>();
        AssertionError death = new AssertionError("no stack left");
        duringNextWrite = () -> {
            futures.add(appendAsync(1));
            atNextTime = () -> {
                throw death;
            };
        };
        assertThatThrownBy(() -> append(1)).isSameAs(death);
        runTasks();
        assertThatThrownBy(futures.get(0)::join).hasCauseInstanceOf(LogFailedException.class);
        assertThat(stats().state()).isEqualTo(LogStats.State.FAILED);
        close();
        assertThat(writes).isEqualTo(1);
    }

    @Test
    void closeWaitsForQueuedAppendsAndRefusesOthers() throws IOException {
        CompletableFuture<Long> queued = appendAsync(1);
        close();
        runTasks();
        assertThat(queued.join()).isEqualTo(1);
        assertThatThrownBy(() -> append(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> appendAsync(1)).isInstanceOf(IllegalStateException.class);
        close();
        assertThat(events).containsExactly("closed");
        assertThat(stats().state()).isEqualTo(LogStats.State.CLOSED);
    }

    @Test
    void callerWithoutRoomLeadsIfNobodyDoes() throws IOException {
        CompletableFuture<Long> queued = appendAsync(100_000);
        assertThat(append(100_000)).isEqualTo(2);
        runTasks();
        assertThat(queued.join()).isEqualTo(1);
        assertThat(stats().groups()).isEqualTo(2);
    }

    @Test
    void hookThatMovesTheBufferOfAWaitingAppendDoesNotMoveItsData() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(100_001).put(1, (byte) 7).position(1);
        queue.appendAsync(ByteBuffer.allocate(100_000), 0, 100_000, id -> buffer.position(0), id -> id);
        long id = queue.append(buffer, buffer.position(), buffer.remaining(), CommitHook.NONE);
        RandomReads reads = new RandomReads(published, new ReadBufferPool(), TailPoll.SHOWN_BY_WRITER);
        assertThat(reads.read(id).orElseThrow().data().get(0)).isEqualTo((byte) 7);
        runTasks();
    }

    @Test
    void callerWithoutRoomWaitsForTheLeader() throws Exception {
        List<Thread> callers = new ArrayList<>();
        CompletableFuture<Long> big = appendAsync(150_000);
        duringNextWrite = () -> {
            callers.add(started(() -> append(100_000)));
            awaitWaiting(callers.get(0));
            assertThat(published.catalog().isEmpty()).isTrue();
        };
        runAll(writing);
        callers.get(0).join();
        runTasks();
        assertThat(big.join()).isEqualTo(1);
        assertThat(published.catalog().lastId()).isEqualTo(2);
    }

    @Test
    void appendLargerThanTheLimitIsAdmittedAlone() throws IOException {
        assertThat(append((int) MAX_BYTES_IN_FLIGHT)).isEqualTo(1);
    }

    @Test
    void idleMarkerIsWrittenOnceAfterTheIdleTime() throws IOException {
        append(1);
        append(1);
        assertThat(timers).hasSize(1);
        runTimer();
        assertThat(writes).as("too early").isEqualTo(2);
        nanos += Environment.IDLE_NANOS;
        runTimer();
        assertThat(writes).as("with the marker").isGreaterThan(2);
        assertThat(timers).isEmpty();
        append(1);
        assertThat(timers).hasSize(1);
    }

    private void runTimer() {
        timers.remove().run();
    }

    @Test
    void closedLogWritesNoIdleMarker() throws IOException {
        append(1);
        close();
        int written = writes;
        nanos += Environment.IDLE_NANOS;
        runTimer();
        assertThat(writes).isEqualTo(written);
        assertThat(timers).isEmpty();
    }

    private static Thread started(Action action) {
        Thread thread = new Thread(() -> {
            try {
                action.run();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        thread.start();
        return thread;
    }

    private static void awaitWaiting(Thread thread) {
        while (thread.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
    }
}
