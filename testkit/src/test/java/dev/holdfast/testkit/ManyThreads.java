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
 * Main class of a process in which thousands of threads use one log. The threads are virtual if this JDK has virtual
 * threads.
 *
 * <p>Each thread appends a record, reads it back and interrupts another thread. Every tenth thread also waits for the
 * record after its own. The acknowledged records are written to a file.
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

    /** Arguments: directory of the log, number of threads, file for the acknowledged records. */
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

    /** Returns an executor with one virtual thread per task, or with a pool of 200 platform threads. */
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
            acknowledge(log.append(bytes(count)), count); // ends the wait of the thread with the last record
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
            throw new AssertionError("record " + id + " was acknowledged to two threads");
        }
    }

    private void awaitTheNext(long id, int number) throws IOException {
        try (LogCursor cursor = log.cursor(id)) {
            if (!cursor.next()) {
                throw new AssertionError("a cursor does not return record " + id);
            }
            requireSame(cursor.record(), number);
            if (!cursor.next(LONG) || cursor.id() != id + 1) {
                throw new AssertionError("the reader at record " + id + " was not woken");
            }
        } catch (InterruptedException e) {
            return; // another thread interrupted this wait on purpose
        }
    }

    private static void requireSame(LogRecord record, int number) {
        if (!record.data().equals(ByteBuffer.wrap(bytes(number)))) {
            throw new AssertionError("record " + record.id() + " has other bytes than thread " + number + " appended");
        }
    }

    static byte[] bytes(int number) {
        return ByteBuffer.allocate(48).putInt(number).putInt(40, ~number).array();
    }
}
