package dev.holdfast.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.wal.Log;
import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A process in which very many threads use one log at once, virtual ones where this JDK has them: each appends, reads
 * what it has appended, and interrupts another; some wait for the record after their own. What was acknowledged is
 * written into a file.
 */
final class ManyThreads {
    private static final Duration LONG = Duration.ofSeconds(100);

    private final Log log;
    private final int count;
    private final Queue<Thread> running = new ConcurrentLinkedQueue<>();
    private final Map<Long, Integer> acknowledged = new ConcurrentHashMap<>();
    private final CountDownLatch toAppend;

    private ManyThreads(Log log, int count) {
        this.log = log;
        this.count = count;
        this.toAppend = new CountDownLatch(count);
    }

    /** Directory of the log, number of threads, file for what was acknowledged. */
    public static void main(String[] arguments) throws Exception {
        ManyThreads threads;
        try (FileLog log = FileLog.open(Path.of(arguments[0]))) {
            threads = new ManyThreads(log, Integer.parseInt(arguments[1]));
            threads.run();
        }
        List<String> lines = new ArrayList<>();
        threads.acknowledged.forEach((id, number) -> lines.add(id + " " + number));
        Files.write(Path.of(arguments[2]), lines, UTF_8);
    }

    /** One thread a task, or a pool of platform threads. */
    private static ExecutorService executor() throws ReflectiveOperationException {
        if (Running.virtualThreads().isEmpty()) {
            return Executors.newFixedThreadPool(200);
        }
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }

    private void run() throws Exception {
        ExecutorService executor = executor();
        try {
            List<Future<?>> tasks = new ArrayList<>();
            for (int number = 0; number < count; number++) {
                int own = number;
                tasks.add(executor.submit(() -> {
                    use(own);
                    return null;
                }));
            }
            toAppend.await();
            acknowledge(log.append(bytes(count)), count); // for the one who waits behind the last
            for (Future<?> task : tasks) {
                task.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private void use(int number) throws Exception {
        running.add(Thread.currentThread());
        long id;
        try {
            id = append(number);
            acknowledge(id, number);
        } finally {
            toAppend.countDown();
        }
        Thread other = running.poll();
        if (other != null) {
            other.interrupt();
        }
        requireSame(log.read(id).orElseThrow(), number);
        if (number % 10 == 0) {
            awaitTheNext(id, number);
        }
    }

    private long append(int number) throws IOException {
        return switch (number % 3) {
            case 0 -> log.append(bytes(number));
            case 1 -> log.append(ByteBuffer.wrap(bytes(number)));
            default -> log.appendAsync(ByteBuffer.wrap(bytes(number))).join();
        };
    }

    private void acknowledge(long id, int number) {
        if (acknowledged.putIfAbsent(id, number) != null) {
            throw new AssertionError("record " + id + " was given to two");
        }
    }

    private void awaitTheNext(long id, int number) throws IOException {
        try (LogCursor cursor = log.cursor(id)) {
            if (!cursor.next()) {
                throw new AssertionError("record " + id + " is not shown");
            }
            requireSame(cursor.record(), number);
            if (!cursor.next(LONG) || cursor.id() != id + 1) {
                throw new AssertionError("nobody wakes the reader at record " + id);
            }
        } catch (InterruptedException e) {
            return; // as another thread meant it
        }
    }

    private static void requireSame(LogRecord record, int number) {
        if (!record.data().equals(ByteBuffer.wrap(bytes(number)))) {
            throw new AssertionError("record " + record.id() + " is not the one of thread " + number);
        }
    }

    static byte[] bytes(int number) {
        return ByteBuffer.allocate(48).putInt(number).putInt(40, ~number).array();
    }
}
