package dev.holdfast.bench.raft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * A single measurement of one group.
 *
 * @param writesPerSecond acknowledged writes per second in the window
 * @param p50Micros median latency that a client sees
 * @param cpuMicros CPU time of all three nodes per write
 * @param writtenBytes bytes written to the disk per write
 * @param memoryBytes sum of the memory peaks of the three nodes
 */
record Measurement(
        double writesPerSecond,
        double p50Micros,
        double p99Micros,
        double cpuMicros,
        double writtenBytes,
        double memoryBytes) {
    // Long enough for the JIT compiler. RocksDB is native code, but gets the same time.
    private static final int WARM_UP_SECONDS = 25;

    /**
     * Starts a group in which each client writes continuously, one write at a time, and measures a window of the run.
     */
    static Measurement of(StorageKind storage, Path directory, int clients, int payloadBytes, int seconds)
            throws IOException, InterruptedException {
        try (Group group = new Group(directory, storage)) {
            group.insist(new byte[payloadBytes]);
            ConcurrentHistogram latencies = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(1), 3);
            AtomicLong windowFrom = new AtomicLong(Long.MAX_VALUE);
            AtomicLong windowTo = new AtomicLong(Long.MAX_VALUE);
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                SplittableRandom random = new SplittableRandom(i);
                threads.add(new Thread(() -> write(group, random, payloadBytes, latencies, windowFrom, windowTo)));
            }
            threads.forEach(Thread::start);
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            Usage before = Usage.of(group, directory);
            long from = System.nanoTime();
            windowFrom.set(from);
            TimeUnit.SECONDS.sleep(seconds);
            long to = System.nanoTime();
            windowTo.set(to);
            Usage after = Usage.of(group, directory);
            for (Thread thread : threads) {
                thread.join();
            }
            double writes = latencies.getTotalCount();
            return new Measurement(
                    writes / ((to - from) / 1e9),
                    latencies.getValueAtPercentile(50) / 1e3,
                    latencies.getValueAtPercentile(99) / 1e3,
                    (after.cpuSeconds() - before.cpuSeconds()) * 1e6 / writes,
                    (after.diskBytes() - before.diskBytes()) / writes,
                    after.peakMemoryBytes());
        }
    }

    private static void write(
            Group group,
            SplittableRandom random,
            int payloadBytes,
            ConcurrentHistogram latencies,
            AtomicLong from,
            AtomicLong to) {
        try {
            byte[] payload = new byte[payloadBytes];
            while (true) {
                // Random bytes, so that compression gains nothing.
                random.nextBytes(payload);
                long start = System.nanoTime();
                boolean acknowledged = group.write(payload);
                long end = System.nanoTime();
                if (end > to.get()) {
                    return;
                }
                if (acknowledged && start >= from.get()) {
                    latencies.recordValue(end - start);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
