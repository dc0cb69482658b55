package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.HasSegments;
import dev.holdfast.bench.contender.HasSegments.Segmented;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Survives;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A log of many small segments. It is written, opened repeatedly, appended to and read. Then half of its segments are
 * trimmed, and it is opened repeatedly again. The latency of the measurement is that of a roll: of an append that
 * begins another segment.
 */
final class ManySegments {
    private static final int ROLLS_PER_TRIM = 16;
    private static final int SEGMENTS_TO_READ = 1_000;
    private static final int FEWEST_OPENINGS = 3;
    /** Part of the time of the task for reads, and for the openings of each kind. */
    private static final int SHORTER = 4;

    private final Task task;
    private final HasSegments peer;
    private final Records records;
    private final Map<Figure, Double> figures = new EnumMap<>(Figure.class);
    private final Histogram rolls = Measurement.newHistogram();
    private long appended;
    private long appendNanos;

    private ManySegments(Task task, HasSegments peer) {
        this.task = task;
        this.peer = peer;
        this.records = new Records(task.recordBytes());
    }

    /** Measures as many segments as the depth of the task. */
    static Measurement measure(Task task, Peer peer) throws Exception {
        if (!(peer instanceof HasSegments segmented)) {
            throw new UnsupportedOperationException("it has no segments, or they cannot be small");
        }
        return new ManySegments(task, segmented).measure();
    }

    private Measurement measure() throws Exception {
        double all = build();
        writeBack();
        double opening = openingNanos(peer::openSmall) / all;
        double reading = openingNanos(peer::openReadOnly) / all;
        double half = use();
        writeBack();
        double openingHalf = openingNanos(peer::openSmall) / half;
        double readingHalf = openingNanos(peer::openReadOnly) / half;
        figures.put(Figure.OPEN_SEGMENT_NANOS, opening);
        figures.put(Figure.OPEN_SEGMENT_READ_ONLY_NANOS, reading);
        figures.put(Figure.OPEN_TO_HALF, Math.max(opening / openingHalf, reading / readingHalf));
        return new Measurement(
                appended, appended * task.recordBytes(), appendNanos, rolls.copy(), figures, Timeline.NONE);
    }

    /** Writes the log without waiting for the disk. Returns the number of its segments. */
    private long build() throws Exception {
        Opening real = task.opening();
        Opening fast = new Opening(real.directory(), real.variant(), Survives.PROCESS_CRASH, real.recordBytes());
        try (Segmented log = peer.openSmall(fast)) {
            for (long i = 0; log.segments() < task.depth(); i++) {
                log.append(records.get(i));
            }
            return log.segments();
        }
    }

    /** Writes dirty pages to the disk, so that what follows does not wait for what was written before. */
    private static void writeBack() throws IOException, InterruptedException {
        int exitCode = new ProcessBuilder("sync")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (exitCode != 0) {
            throw new IOException("sync ended with exit code " + exitCode);
        }
    }

    /** A way to open the log. */
    private interface Way {
        AutoCloseable open(Opening opening) throws Exception;
    }

    /** Returns the median time of an opening. */
    private double openingNanos(Way way) throws Exception {
        Histogram latency = Measurement.newHistogram();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(task.millis() / SHORTER);
        while (latency.getTotalCount() < FEWEST_OPENINGS || System.nanoTime() - end < 0) {
            long start = System.nanoTime();
            try (AutoCloseable log = way.open(task.opening())) {
                latency.recordValue(System.nanoTime() - start);
            }
        }
        return latency.getValueAtPercentile(50);
    }

    /** Appends, reads and trims. Returns the number of segments that are left. */
    private long use() throws Exception {
        long filesBefore = ProcessCounters.openFiles();
        try (Segmented log = peer.openSmall(task.opening())) {
            append(log);
            read(log);
            figures.put(Figure.READ_FILES, (double) (ProcessCounters.openFiles() - filesBefore));
            trimHalf(log);
            return log.segments();
        }
    }

    /** Appends from one thread. Trims the log back to its number of records after some rolls. */
    private void append(Segmented log) throws Exception {
        long kept = records(log);
        Histogram appends = Measurement.newHistogram();
        Histogram trims = Measurement.newHistogram();
        Window window = Window.startingNow(task);
        while (trims.getTotalCount() == 0 || !window.isOver(System.nanoTime())) {
            boolean counts = System.nanoTime() - window.from() >= 0;
            long end = log.segments() + ROLLS_PER_TRIM;
            for (long segments = log.segments(); segments < end; segments = log.segments()) {
                long nanos = appendedIn(log, segments);
                if (counts) {
                    (log.segments() > segments ? rolls : appends).recordValue(nanos);
                    appended++;
                    appendNanos += nanos;
                }
            }
            long start = System.nanoTime();
            log.trim(kept);
            if (counts) {
                trims.recordValue(System.nanoTime() - start);
            }
        }
        figures.put(Figure.APPEND_P50_NANOS, (double) appends.getValueAtPercentile(50));
        figures.put(Figure.TRIM_P50_NANOS, (double) trims.getValueAtPercentile(50));
    }

    private long appendedIn(Segmented log, long i) throws Exception {
        long start = System.nanoTime();
        log.append(records.get(i));
        return System.nanoTime() - start;
    }

    private static long records(Segmented log) throws Exception {
        return log.lastId() + 1 - log.firstId();
    }

    /** Reads single records of some segments in random order, after each of these records was read once. */
    private void read(Segmented log) throws Exception {
        long count = Math.max(1, records(log) * Math.min(SEGMENTS_TO_READ, log.segments()) / log.segments());
        long first = log.lastId() + 1 - count;
        for (long id = first; id < first + count; id++) {
            read(log, id);
        }
        SplittableRandom random = new SplittableRandom(count);
        readUntil(log, first, count, random, TimeUnit.MILLISECONDS.toNanos(task.warmUpMillis()));
        figures.put(
                Figure.READ_NANOS,
                readUntil(log, first, count, random, TimeUnit.MILLISECONDS.toNanos(task.millis() / SHORTER)));
    }

    /** Reads for a time. Returns the mean time of a read. */
    private double readUntil(Segmented log, long first, long count, SplittableRandom random, long nanos)
            throws Exception {
        long start = System.nanoTime();
        long reads = 0;
        long elapsed;
        do {
            read(log, first + random.nextLong(count));
            reads++;
            elapsed = System.nanoTime() - start;
        } while (elapsed < nanos);
        return (double) elapsed / reads;
    }

    private void read(Segmented log, long id) throws Exception {
        int bytes = log.read(id);
        if (bytes != task.recordBytes()) {
            throw new IllegalStateException("record " + id + " has " + bytes + " bytes");
        }
    }

    /** Trims half of the segments while another thread appends. */
    private void trimHalf(Segmented log) throws Exception {
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Appender appender = new Appender(log);
            Future<Long> longest = executor.submit(appender::appendUntilTrimmed);
            appender.running.await();
            double removed = Math.max(1, log.segments() / 2);
            long kept = records(log) / 2;
            long start = System.nanoTime();
            appender.trimming = true;
            log.trim(kept);
            long nanos = System.nanoTime() - start;
            appender.trimmed = true;
            figures.put(Figure.TRIM_SEGMENT_NANOS, nanos / removed);
            figures.put(
                    Figure.LONGEST_DURING_TRIM_NANOS, Callers.resultOf(longest).doubleValue());
        } finally {
            executor.shutdownNow();
        }
    }

    /** Appends while another thread trims. */
    private final class Appender {
        private final Segmented log;
        private final CountDownLatch running = new CountDownLatch(1);
        private volatile boolean trimming;
        private volatile boolean trimmed;

        private Appender(Segmented log) {
            this.log = log;
        }

        /** Returns the time of the longest append that overlapped the trim. */
        private long appendUntilTrimmed() throws Exception {
            long longest = 0;
            for (long i = 0; !trimmed; i++) {
                long nanos = appendedIn(log, i);
                running.countDown();
                longest = trimming ? Math.max(longest, nanos) : 0;
            }
            return longest;
        }
    }
}
