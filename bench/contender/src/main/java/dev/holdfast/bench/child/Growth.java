package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.WaitsForSpares;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Appends to a fresh log, without trims, until it has the size of the task or the time of the task is over. Everything
 * counts from the first append: a log that needs time to make space has no time before the measurement to do so.
 */
final class Growth {
    private final Task task;
    private final Contender contender;
    private final LongAdder records = new LongAdder();
    private final long start = System.nanoTime();
    private final ProcessCounters before = ProcessCounters.now();

    private Growth(Task task, Contender contender) {
        this.task = task;
        this.contender = contender;
    }

    static Measurement batches(Task task, Peer peer) throws Exception {
        List<ByteBuffer> batch = new Records(task.recordBytes()).batch(task.depth());
        return measure(task, peer, growth -> growth.waiting(1, task.depth(), i -> growth.contender.appendBatch(batch)));
    }

    static Measurement callers(Task task, Peer peer) throws Exception {
        Records all = new Records(task.recordBytes());
        return measure(task, peer, growth -> growth.waiting(task.depth(), 1, i -> growth.contender.append(all.get(i))));
    }

    static Measurement inFlight(Task task, Peer peer) throws Exception {
        return measure(task, peer, Growth::asynchronous);
    }

    /** A way to append until the log has grown. */
    private interface Way {
        Measurement grow(Growth growth) throws Exception;
    }

    private static Measurement measure(Task task, Peer peer, Way way) throws Exception {
        WrittenBytes written = WrittenBytes.below(task.opening().directory());
        Measurement measured;
        try (Contender contender = peer.open(task.opening())) {
            Growth growth = new Growth(task, contender);
            try (AutoCloseable sampling = written.sampling(growth::bytes)) {
                measured = way.grow(growth);
            }
            if (contender instanceof WaitsForSpares waiting) {
                measured.figures().put(Figure.SPARE_WAITS, (double) waiting.spareWaits());
            }
        }
        // Only now: some contenders write records a second time when they are closed.
        written.secondHalf(measured.bytes())
                .ifPresent(perByte -> measured.figures().put(Figure.WRITTEN_BYTES_PER_BYTE, perByte));
        return measured;
    }

    private long bytes() {
        return records.sum() * task.recordBytes();
    }

    private boolean isOver(long now) {
        return now - start >= TimeUnit.MILLISECONDS.toNanos(task.millis()) || bytes() >= task.logBytes();
    }

    /** Lets callers append that wait for each call. A call is a stall of its caller, so the longest call counts. */
    private Measurement waiting(int callers, int recordsPerCall, Callers.Call call) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(callers);
        try {
            List<Future<Histogram>> running = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                running.add(executor.submit(() -> callRepeatedly(recordsPerCall, call)));
            }
            Histogram latency = Measurement.newHistogram();
            for (Future<Histogram> caller : running) {
                latency.add(Callers.resultOf(caller));
            }
            return measurement(latency, latency.getMaxValue());
        } finally {
            executor.shutdownNow();
        }
    }

    private Histogram callRepeatedly(int recordsPerCall, Callers.Call call) throws Exception {
        Histogram latency = Measurement.newHistogram();
        long now = System.nanoTime();
        long i = 0;
        do {
            long begun = now;
            call.run(i++);
            now = System.nanoTime();
            latency.recordValue(now - begun);
            records.add(recordsPerCall);
        } while (!isOver(now));
        return latency;
    }

    /**
     * Appends asynchronously. The appender is stalled while it waits until a record may be in flight, which is shorter
     * than the latency of a record.
     */
    private Measurement asynchronous() throws Exception {
        Records all = new Records(task.recordBytes());
        Histogram latency = new ConcurrentHistogram(Measurement.newHistogram());
        Flight flight = new Flight(contender, task.depth());
        long longestStall = 0;
        long now = System.nanoTime();
        long i = 0;
        do {
            long begun = now;
            flight.append(all.get(i++), called -> {
                latency.recordValue(System.nanoTime() - called);
                records.increment();
            });
            now = System.nanoTime();
            longestStall = Math.max(longestStall, now - begun);
        } while (!isOver(now));
        flight.land();
        return measurement(latency.copy(), longestStall);
    }

    private Measurement measurement(Histogram latency, long longestStallNanos) {
        long nanos = System.nanoTime() - start;
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        ProcessCounters.now().putSince(before, records.sum(), figures);
        figures.put(Figure.LONGEST_STALL_NANOS, (double) longestStallNanos);
        return new Measurement(records.sum(), bytes(), nanos, latency, figures, Timeline.NONE);
    }
}
