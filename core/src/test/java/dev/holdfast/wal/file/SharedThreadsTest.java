package dev.holdfast.wal.file;

import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.commit.LogSettings;
import dev.holdfast.wal.engine.StoredLog;
import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.ForwardingStorage;
import dev.holdfast.wal.storage.HeapStorage;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checks that all logs of a process share a few threads, and that a log waits for no other log. */
@Timeout(value = 400, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SharedThreadsTest {
    private static final int IDLE_LOGS = 1_000;
    private static final int BLOCKED_LOGS = 10;
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
    private static final FileLogOptions SMALL =
            FileLogOptions.builder().segmentBytes(Layout.MIN_SEGMENT_BYTES).build();

    private final List<Log> logs = new ArrayList<>();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final AtomicInteger blocked = new AtomicInteger();
    private Set<Thread> before = Set.of();

    @TempDir
    Path directory;

    @BeforeEach
    void countThreads() {
        before = threads();
    }

    @AfterEach
    void closeLogs() throws IOException {
        gate.countDown();
        for (Log log : logs) {
            log.close();
        }
    }

    /** Returns the threads of all logs. */
    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("holdfast-"))
                .collect(toSet());
    }

    private Set<Thread> started() {
        Set<Thread> started = threads();
        started.removeAll(before);
        return started;
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> all = Files.list(DESCRIPTORS)) {
            return all.count();
        }
    }

    /** Waits at the gate, as a slow disk or a slow continuation does. */
    private void block() {
        blocked.incrementAndGet();
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** A disk whose writes and syncs block from a certain moment on. */
    private class SlowDisk extends ForwardingStorage {
        private volatile boolean slow;

        SlowDisk() {
            super(new HeapStorage());
        }

        private void blockIfSlow() {
            if (slow) block();
        }

        @Override
        protected WritableFile wrap(WritableFile file) {
            return new Writer(file) {
                @Override
                public void write(long offset, byte[] bytes, int from, int length) throws IOException {
                    blockIfSlow();
                    super.write(offset, bytes, from, length);
                }

                @Override
                public void writeSynced(long offset, byte[] bytes, int from, int length) throws IOException {
                    blockIfSlow();
                    super.writeSynced(offset, bytes, from, length);
                }

                @Override
                public void sync() throws IOException {
                    blockIfSlow();
                    super.sync();
                }
            };
        }
    }

    /** Opens a log with segments of 8 KiB. */
    private Log open(SlowDisk disk) throws IOException {
        LogSettings settings = new LogSettings(8192, 8192, 4096, 1 << 20, true, Layout.ALIGNMENT);
        Log log = StoredLog.open(disk, settings, DaemonEnvironment.create());
        logs.add(log);
        return log;
    }

    private void awaitBlocked(int count) {
        while (blocked.get() < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void thousandIdleLogsHaveAtMostEightThreads() throws Exception {
        assumeTrue(Files.isDirectory(DESCRIPTORS), "the platform lists the open files of a process");
        FileLog.open(directory.resolve("first"), SMALL).close(); // the JDK keeps its source of random numbers open
        long descriptors = descriptors();
        List<Thread> most = List.of();
        for (int i = 0; i < IDLE_LOGS; i++) {
            Log log = FileLog.open(directory.resolve("log" + i), SMALL);
            logs.add(log);
        }
        assertThat(descriptors() - descriptors).as("empty logs").isLessThanOrEqualTo(3L * IDLE_LOGS);
        for (int i = 0; i < IDLE_LOGS; i++) {
            Log log = logs.get(i);
            log.append(new byte[100]);
            log.appendAsync(ByteBuffer.allocate(100)).thenApply(id -> id + 1).join();
            most = i % 100 == 0 ? larger(most, started()) : most;
        }
        assertThat(descriptors() - descriptors).as("with hints").isLessThanOrEqualTo(4L * IDLE_LOGS);
        // The sync of each group, and two for the marker of the idle log.
        for (Log log : logs) {
            while (log.stats().syncs() < log.stats().groups() + 2) {
                most = larger(most, started());
            }
        }
        assertThat(most).hasSizeLessThanOrEqualTo(8);
    }

    private static List<Thread> larger(List<Thread> one, Set<Thread> other) {
        return other.size() > one.size() ? List.copyOf(other) : one;
    }

    @Test
    void blockedContinuationHoldsUpItsOwnLogOnly() throws Exception {
        for (int i = 0; i < BLOCKED_LOGS; i++) {
            continued(open(new SlowDisk()), this::block);
        }
        awaitBlocked(BLOCKED_LOGS);
        Log log = open(new SlowDisk());
        for (int i = 0; i < 100; i++) {
            continued(log, () -> {}).get(30, SECONDS);
        }
    }

    /** Attaches a continuation before the future completes, so the continuation runs on the completing thread. */
    private static CompletableFuture<Void> continued(Log log, Runnable continuation) {
        CountDownLatch attached = new CountDownLatch(1);
        CompletableFuture<Void> continued = log.appendAsync(ByteBuffer.allocate(10), id -> {
                    try {
                        attached.await();
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                })
                .thenRun(continuation);
        attached.countDown();
        return continued;
    }

    @Test
    void blockedSyncHoldsUpItsOwnLogOnly() throws Exception {
        for (int i = 0; i < BLOCKED_LOGS; i++) {
            SlowDisk disk = new SlowDisk();
            Log log = open(disk);
            disk.slow = true;
            log.appendAsync(ByteBuffer.allocate(10));
        }
        awaitBlocked(BLOCKED_LOGS);
        Log log = open(new SlowDisk());
        for (int i = 0; i < 100; i++) {
            log.appendAsync(ByteBuffer.allocate(10)).get(30, SECONDS);
        }
    }

    @Test
    void blockedFillHoldsUpItsOwnLogOnly() throws Exception {
        for (int i = 0; i < BLOCKED_LOGS; i++) {
            fillASpare(new SlowDisk() {
                @Override
                public WritableFile create(String name) throws IOException {
                    if (Thread.currentThread().getName().equals("holdfast-maintainer")) block();
                    return super.create(name);
                }
            });
        }
        awaitBlocked(BLOCKED_LOGS);
        CountDownLatch filled = new CountDownLatch(1);
        fillASpare(new SlowDisk() {
            @Override
            public WritableFile create(String name) throws IOException {
                if (Thread.currentThread().getName().equals("holdfast-maintainer")) filled.countDown();
                return super.create(name);
            }
        });
        assertThat(filled.await(30, SECONDS)).isTrue();
    }

    /** Fills more than a quarter of the first segment, so that the next file is made in the background. */
    private void fillASpare(SlowDisk disk) throws IOException {
        fill(open(disk));
    }

    private static void fill(Log log) throws IOException {
        for (int i = 0; i < 4; i++) {
            log.append(new byte[300]);
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void blockedMarkerHoldsUpItsOwnLogOnly() throws Exception {
        for (int i = 0; i < BLOCKED_LOGS; i++) {
            SlowDisk disk = new SlowDisk();
            Log log = open(disk);
            log.append(new byte[10]);
            disk.slow = true;
        }
        Log log = open(new SlowDisk());
        log.append(new byte[10]);
        long syncs = log.stats().syncs();
        awaitBlocked(BLOCKED_LOGS);
        while (log.stats().syncs() < syncs + 2) {
            Thread.onSpinWait();
        }
    }

    @Test
    void noThreadOutlivesTheLastLog() throws Exception {
        for (int i = 0; i < 3; i++) {
            Log log = FileLog.open(directory.resolve("log" + i), SMALL);
            logs.add(log);
            fill(log);
            continued(log, () -> {}).get();
        }
        Set<Thread> started = started();
        assertThat(started.stream().map(Thread::getName))
                .contains("holdfast-writer", "holdfast-completer", "holdfast-maintainer", "holdfast-timer");
        closeLogs();
        for (Thread thread : started) {
            thread.join(SECONDS.toMillis(5)); // half of the time after which an idle thread ends
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    /** The threads of a process must not keep what a continuation of one log leaves behind. */
    @Test
    void contextClassLoaderOfAContinuationIsForgotten() throws Exception {
        ClassLoader own = getClass().getClassLoader();
        for (int i = 0; i < 10; i++) {
            Log log = open(new SlowDisk()); // each its own, because futures of one log may be completed by one task
            CompletableFuture<ClassLoader> found = new CompletableFuture<>();
            continued(log, () -> {
                        found.complete(Thread.currentThread().getContextClassLoader());
                        Thread.currentThread().setContextClassLoader(own);
                    })
                    .get();
            assertThat(found.get()).isNull();
        }
    }
}
