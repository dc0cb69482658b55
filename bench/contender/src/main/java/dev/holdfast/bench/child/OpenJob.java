package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Opens and closes a log repeatedly. */
final class OpenJob {
    private static final int FEWEST_OPENINGS = 3;
    private static final int MOST_WARM_UP_OPENINGS = 15;

    private OpenJob() {}

    static Measurement open(Task task, Peer peer) throws Exception {
        warmUpOpening(task, peer);
        ByteBuffer record = new Records(task.recordBytes()).get(0);
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        figures.put(Figure.OPEN_AFTER_KILL_NANOS, (double) openAndAppend(peer, task.opening(), record));
        Histogram latency = Measurement.newHistogram();
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(task.millis());
        while (latency.getTotalCount() < FEWEST_OPENINGS || System.nanoTime() - end < 0) {
            latency.recordValue(openAndAppend(peer, task.opening(), record));
        }
        return new Measurement(0, 0, 0, latency, figures, Timeline.NONE);
    }

    /** Warms up the code but not the log: opens and closes another log. */
    private static void warmUpOpening(Task task, Peer peer) throws Exception {
        Opening real = task.opening();
        Path other = Files.createDirectories(
                real.directory().resolveSibling(real.directory().getFileName() + "-warm"));
        Opening warm = new Opening(other, real.variant(), real.survives(), real.recordBytes());
        ByteBuffer record = new Records(task.recordBytes()).get(0);
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(task.warmUpMillis());
        int openings = 0;
        do {
            openAndAppend(peer, warm, record);
            openings++;
        } while (openings < MOST_WARM_UP_OPENINGS && System.nanoTime() - end < 0);
    }

    /**
     * Measures the time until the first record is acknowledged, so that a log gains nothing by deferring work of the
     * opening to the first append.
     */
    private static long openAndAppend(Peer peer, Opening opening, ByteBuffer record) throws Exception {
        long start = System.nanoTime();
        try (Contender contender = peer.open(opening)) {
            contender.append(record);
            return System.nanoTime() - start;
        }
    }
}
