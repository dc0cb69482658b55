package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Tails;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/** One caller appends numbered records, and a reader waits for each of them at the end of the log. */
final class Tailing {
    private static final long TIMEOUT_MILLIS = 30_000;
    private static final int MOST_RECORDS = 1 << 21;

    private final Task task;
    private final Contender contender;
    private final long[] started = new long[MOST_RECORDS];
    private final long[] acknowledged = new long[MOST_RECORDS];
    private final long[] seen = new long[MOST_RECORDS];

    Tailing(Task task, Contender contender) {
        this.task = task;
        this.contender = contender;
    }

    Measurement measure() throws Exception {
        if (!(contender instanceof Tails tailed)) {
            throw new UnsupportedOperationException("it has no reader that waits at the end");
        }
        ExecutorService reader = Executors.newSingleThreadExecutor();
        try (Tails.Tail tail = tailed.tail()) {
            Future<Integer> reading = reader.submit(() -> readUntilLast(tail));
            Window window = Window.startingNow(task);
            int appended = append(window);
            contender.append(numbered(-1));
            reading.get();
            return measurement(window, appended);
        } finally {
            reader.shutdownNow();
        }
    }

    private int append(Window window) throws Exception {
        int i = 0;
        for (; i < MOST_RECORDS && !window.isOver(System.nanoTime()); i++) {
            ByteBuffer record = numbered(i);
            started[i] = System.nanoTime();
            contender.append(record);
            acknowledged[i] = System.nanoTime();
        }
        return i;
    }

    private ByteBuffer numbered(long number) {
        return ByteBuffer.wrap(ByteBuffer.allocate(Math.max(Long.BYTES, task.recordBytes()))
                .putLong(number)
                .array());
    }

    private Integer readUntilLast(Tails.Tail tail) throws Exception {
        int expected = 0;
        for (long number = tail.next(TIMEOUT_MILLIS); number >= 0; number = tail.next(TIMEOUT_MILLIS)) {
            if (number != expected) {
                throw new IllegalStateException("the reader received record " + number + " instead of " + expected);
            }
            seen[expected++] = System.nanoTime();
        }
        return expected;
    }

    /** Returns the measurement. The latency is the time from the call of the append until the reader has the record. */
    private Measurement measurement(Window window, int appended) {
        Histogram sinceCalled = Measurement.newHistogram();
        Histogram sinceAcknowledged = Measurement.newHistogram();
        for (int i = 0; i < appended; i++) {
            if (window.contains(acknowledged[i]) || i == appended - 1) {
                sinceCalled.recordValue(seen[i] - started[i]);
                // A reader may have the record before the append returns.
                sinceAcknowledged.recordValue(Math.max(0, seen[i] - acknowledged[i]));
            }
        }
        long records = sinceCalled.getTotalCount();
        return new Measurement(
                records,
                records * task.recordBytes(),
                window.nanosUntil(acknowledged[appended - 1]),
                sinceCalled,
                java.util.Map.of(
                        Figure.SEEN_AFTER_ACKNOWLEDGED_P50_NANOS, (double) sinceAcknowledged.getValueAtPercentile(50)),
                Timeline.NONE);
    }
}
