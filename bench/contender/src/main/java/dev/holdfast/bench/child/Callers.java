package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Threads that call a contender until the measurement ends. Each thread waits for one call before it makes the next.
 */
final class Callers {
    /** The call that each caller repeats. */
    interface Call {
        /**
         * Makes the call once.
         *
         * @param i the number of calls that this caller has made before
         */
        void run(long i) throws Exception;
    }

    /**
     * The largest number of callers that have a histogram each. More callers share one histogram, because each
     * histogram takes a quarter of a megabyte.
     */
    private static final int MOST_WITH_OWN_HISTOGRAM = 64;

    private static final com.sun.management.ThreadMXBean THREADS =
            ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class);

    private final Task task;
    private final Contender contender;
    private final LongAdder appendedRecords = new LongAdder();
    private final LongAccumulator lastCounted = new LongAccumulator(Math::max, Long.MIN_VALUE);
    private final TimelineRecorder timeline;

    Callers(Task task, Contender contender, TimelineRecorder timeline) {
        this.task = task;
        this.contender = contender;
        this.timeline = timeline;
    }

    /** Runs one caller and keeps no timeline. */
    static Measurement one(Task task, Contender contender, int recordsPerCall, Call call) throws Exception {
        return new Callers(task, contender, new TimelineRecorder(task)).measure(1, false, recordsPerCall, call);
    }

    Measurement measure(int callers, boolean virtual, int recordsPerCall, Call call) throws Exception {
        List<Histogram> histograms = histograms(callers);
        ExecutorService executor = virtual ? virtualThreads() : Executors.newFixedThreadPool(callers);
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        long everyRecords = task.trimEveryBytes() / task.recordBytes();
        try (Trimmer trimming = new Trimmer(contender, appendedRecords::sum, everyRecords, timeline::trimmed)) {
            Window window = Window.startingNow(task);
            timeline.begin(window);
            List<Future<Double>> running = new ArrayList<>();
            for (int caller = 0; caller < callers; caller++) {
                Histogram histogram = histograms.get(caller % histograms.size());
                running.add(executor.submit(callRepeatedly(window, recordsPerCall, call, histogram)));
            }
            window.awaitFrom();
            ProcessCounters before = ProcessCounters.now();
            window.awaitTo();
            ProcessCounters after = ProcessCounters.now();
            double allocatedBytes = 0;
            for (Future<Double> caller : running) {
                allocatedBytes += resultOf(caller);
            }
            Histogram latency = Measurement.newHistogram();
            histograms.forEach(latency::add);
            long records = latency.getTotalCount() * recordsPerCall;
            after.putSince(before, records, figures);
            if (!virtual && records > 0) {
                figures.put(Figure.ALLOCATED_BYTES_PER_RECORD, allocatedBytes / records);
            }
            return new Measurement(
                    records,
                    records * task.recordBytes(),
                    window.nanosUntil(lastCounted.get()),
                    latency,
                    figures,
                    timeline.end());
        } finally {
            executor.shutdownNow();
        }
    }

    private static List<Histogram> histograms(int callers) {
        if (callers > MOST_WITH_OWN_HISTOGRAM) {
            return List.of(new ConcurrentHistogram(Measurement.newHistogram()));
        }
        List<Histogram> histograms = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            histograms.add(Measurement.newHistogram());
        }
        return histograms;
    }

    private Callable<Double> callRepeatedly(Window window, int recordsPerCall, Call call, Histogram latency) {
        return () -> {
            long allocatedBefore = -1;
            long start = System.nanoTime();
            for (long i = 0; i == 0 || !window.isOver(start); i++) {
                if (allocatedBefore < 0 && window.contains(start)) {
                    allocatedBefore = allocatedBytes();
                }
                call.run(i);
                long end = System.nanoTime();
                appendedRecords.add(recordsPerCall);
                if (window.contains(end) || isLate(window, i == 0, start, end)) {
                    latency.recordValue(end - start);
                    timeline.appended(end, end - start);
                    lastCounted.accumulate(end);
                }
                start = end;
            }
            return allocatedBefore < 0 ? 0.0 : (double) (allocatedBytes() - allocatedBefore);
        };
    }

    /** Returns whether a call is the first that its caller ended, and ended after the window. */
    private static boolean isLate(Window window, boolean first, long start, long end) {
        return window.isOver(end) && (first || !window.contains(start));
    }

    /** Returns the bytes that this thread has allocated so far. */
    static long allocatedBytes() {
        return THREADS.getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    /** Waits for a caller. Throws if it failed. */
    static <T> T resultOf(Future<T> caller) throws InterruptedException {
        try {
            return caller.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a caller failed", e.getCause());
        }
    }

    /** Returns an executor of virtual threads. Uses reflection because the oldest supported Java does not have them. */
    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        try {
            return (ExecutorService)
                    Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (NoSuchMethodException e) {
            throw new UnsupportedOperationException("this Java has no virtual threads", e);
        }
    }
}
