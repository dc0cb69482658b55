package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.WaitsForSpares;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * Calls that are due at a fixed rate, whether or not earlier calls have returned. The next free caller makes the call
 * that is due. Its latency is the time since the call was due, not since it began. In a closed loop, a pause delays one
 * call of each caller; here it delays every call that is due during the pause, and each delay counts.
 */
final class OpenLoop {
    /** A contender that completes less than this part of the calls cannot hold the rate. */
    private static final double LEAST_COMPLETED = 0.99;

    private static final double NANOS_PER_SECOND = 1e9;

    private final Window window;
    private final long firstDue;
    private final long duePerSecond;
    private final AtomicLong next = new AtomicLong();
    private final LongAdder completed = new LongAdder();
    private volatile boolean overloaded;

    OpenLoop(Window window, long firstDue, long duePerSecond) {
        this.window = window;
        this.firstDue = firstDue;
        this.duePerSecond = duePerSecond;
    }

    static Measurement measure(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening())) {
            long firstDue = System.nanoTime();
            OpenLoop loop = new OpenLoop(Window.startingNow(task), firstDue, task.duePerSecond());
            return loop.run(task, contender, i -> contender.append(records.get(i)));
        }
    }

    private static long spareWaits(Contender contender) {
        return contender instanceof WaitsForSpares waiting ? waiting.spareWaits() : 0;
    }

    private Measurement run(Task task, Contender contender, Callers.Call call) throws Exception {
        int callers = task.depth();
        ExecutorService executor = Executors.newFixedThreadPool(callers);
        try {
            List<Future<Histogram>> running = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                running.add(executor.submit(() -> callWhenDue(Clock.ofTheSystem(), call)));
            }
            window.awaitFrom();
            long waitsBefore = spareWaits(contender);
            ProcessCounters before = ProcessCounters.now();
            window.awaitTo();
            ProcessCounters after = ProcessCounters.now();
            long inTime = completed.sum();
            // At the end of the window each caller may still be in a call.
            overloaded = inTime + callers < LEAST_COMPLETED * dueInWindow();
            Histogram latency = Measurement.newHistogram();
            for (Future<Histogram> caller : running) {
                latency.add(Callers.resultOf(caller));
            }
            if (overloaded) {
                throw new OverloadedException(String.format(
                        Locale.ROOT,
                        "completes only %.1f%% of %,d calls a second",
                        100.0 * inTime / dueInWindow(),
                        duePerSecond));
            }
            Map<Figure, Double> figures = new EnumMap<>(Figure.class);
            figures.put(Figure.DUE_PER_SECOND, (double) duePerSecond);
            if (contender instanceof WaitsForSpares) {
                figures.put(Figure.SPARE_WAITS, (double) (spareWaits(contender) - waitsBefore));
            }
            after.putSince(before, inTime, figures);
            long records = latency.getTotalCount();
            return new Measurement(
                    records,
                    records * task.recordBytes(),
                    TimeUnit.MILLISECONDS.toNanos(task.millis()),
                    latency,
                    figures,
                    Timeline.NONE);
        } finally {
            executor.shutdownNow();
        }
    }

    /**
     * Makes the calls of one caller, and returns the latencies of those that were due in the window. A call that was
     * due in the window is made after it, if it is late: such calls are the slowest. Only an overloaded contender, with
     * no result, makes no such calls.
     */
    Histogram callWhenDue(Clock clock, Callers.Call call) throws Exception {
        Histogram latency = Measurement.newHistogram();
        while (true) {
            long i = next.getAndIncrement();
            long due = firstDue + (long) (i * NANOS_PER_SECOND / duePerSecond);
            if (window.isOver(due) || overloaded) {
                return latency;
            }
            clock.sleepUntil(due);
            call.run(i);
            long end = clock.nanoTime();
            if (window.contains(due)) {
                latency.recordValue(end - due);
            }
            if (window.contains(end)) {
                completed.increment();
            }
        }
    }

    private double dueInWindow() {
        return (window.to() - window.from()) * duePerSecond / NANOS_PER_SECOND;
    }
}
