package dev.holdfast.bookkeeper;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;

/**
 * Measures a log on four bookies and ZooKeeper, all processes on this machine that sync to its disk. Argument: an empty
 * directory.
 */
final class Figures {
    private static final int RECORD_BYTES = 1024;

    private Figures() {}

    private interface Call {
        void call(int i) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        try (Network network = Network.loopback();
                ProcessCluster cluster = new ProcessCluster(directory, network, 4)) {
            ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
            try (Log log = cluster.open()) {
                timed("append, one caller, to warm up", 3000, i -> log.append(record));
                timed("append, one caller", 3000, i -> log.append(record));
                List<ByteBuffer> batch = Collections.nCopies(64, record);
                timed("append of 64, one caller", 300, i -> log.appendAll(batch));
                for (int round = 0; round < 3; round++) {
                    pipelined(log, record, 20_000, 1000);
                }
                Map<Long, Long> applied = new HashMap<>(); // not synchronized: hooks run one at a time
                for (int round = 0; round < 6; round++) {
                    callers(log, "append, 64 callers", 400, () -> log.append(record));
                    callers(
                            log,
                            "append with a hook, 64 callers",
                            400,
                            () -> log.append(record, id -> applied.put(id, id)));
                }
                long first = log.firstId().orElseThrow();
                long start = System.nanoTime();
                long read = 0;
                try (LogCursor cursor = log.cursor(first)) {
                    while (cursor.next()) {
                        read++;
                    }
                }
                perSecond("records read by a cursor", read, start);
                timed("read of one record", 1000, i -> log.read(first + i * 7L));
            }
            openings(cluster);
            changes(cluster, 1, 300);
            changes(cluster, 16, 60);
        }
    }

    private static void pipelined(Log log, ByteBuffer record, int count, int inFlight) throws Exception {
        Semaphore room = new Semaphore(inFlight);
        long start = System.nanoTime();
        CompletableFuture<Long> last = CompletableFuture.completedFuture(0L);
        for (int i = 0; i < count; i++) {
            room.acquire();
            last = log.appendAsync(record);
            last.whenComplete((id, e) -> room.release());
        }
        last.get();
        perSecond("appends, " + inFlight + " in flight", count, start);
    }

    /** Measures 64 threads. Each thread appends the given number of records. */
    private static void callers(Log log, String what, int each, Callable<Long> append) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(64);
        long start = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            running.add(threads.submit(() -> {
                for (int j = 0; j < each; j++) {
                    append.call();
                }
                return log;
            }));
        }
        for (Future<?> run : running) {
            run.get();
        }
        perSecond(what, 64L * each, start);
        threads.shutdown();
    }

    private static void openings(ProcessCluster cluster) throws Exception {
        cluster.useLog("openings");
        List<Log> left = new ArrayList<>();
        timed("opening a log that was closed, appending, closing", 100, i -> {
            try (Log log = cluster.open()) {
                log.append(new byte[RECORD_BYTES]);
            }
        });
        timed("taking a log over that is open, appending", 100, i -> {
            left.add(cluster.open());
            left.get(i).append(new byte[RECORD_BYTES]);
        });
        for (Log log : left) {
            log.close();
        }
    }

    /** Measures trims; each trim is one compare-and-set. */
    private static void changes(ProcessCluster cluster, int logs, int each) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(logs);
        List<Log> open = new ArrayList<>();
        for (int i = 0; i < logs; i++) {
            cluster.useLog("changes-" + logs + "-" + i);
            open.add(cluster.open());
            open.get(i).appendAll(Collections.nCopies(each + 1, ByteBuffer.allocate(8)));
        }
        long start = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (Log log : open) {
            running.add(threads.submit(() -> {
                for (int id = 1; id <= each; id++) {
                    log.trim(id);
                }
                return null;
            }));
        }
        for (Future<?> run : running) {
            run.get();
        }
        perSecond("compare-and-sets, " + logs + " logs", (long) logs * each, start);
        threads.shutdown();
        for (Log log : open) {
            log.close();
        }
    }

    private static void timed(String what, int count, Call call) throws Exception {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            call.call(i);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        System.out.printf("%s: p50 %d us, p99 %d us%n", what, nanos[count / 2] / 1000, nanos[count * 99 / 100] / 1000);
    }

    private static void perSecond(String what, long count, long startNanos) {
        System.out.printf("%s: %d a second%n", what, count * 1_000_000_000L / (System.nanoTime() - startNanos));
    }
}
