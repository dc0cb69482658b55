package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.AppliesInOrder;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.ReturnsFutures;
import dev.holdfast.bench.contender.WaitsForSpares;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** The jobs that append to a log in steady use. */
final class AppendJobs {
    /** Number of records that a map of applied records holds. */
    private static final long MOST_APPLIED = 10_000;

    private AppendJobs() {}

    static Measurement callers(Task task, Peer peer, boolean virtual) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening())) {
            return new Callers(task, contender, new TimelineRecorder(task))
                    .measure(task.depth(), virtual, 1, i -> contender.append(records.get(i)));
        }
    }

    static Measurement applyingCallers(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        Map<Long, ByteBuffer> applied = new HashMap<>();
        try (Contender contender = peer.open(task.opening())) {
            AppliesInOrder applying = Jobs.able(contender, AppliesInOrder.class, "it cannot apply records in order");
            return new Callers(task, contender, new TimelineRecorder(task)).measure(task.depth(), false, 1, i -> {
                ByteBuffer record = records.get(i);
                applying.append(record, id -> applied.put(id % MOST_APPLIED, record));
            });
        }
    }

    static Measurement futureCallers(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening())) {
            ReturnsFutures appending = Jobs.able(contender, ReturnsFutures.class, "its appends return no future");
            return new Callers(task, contender, new TimelineRecorder(task))
                    .measure(
                            task.depth(),
                            false,
                            1,
                            i -> appending.appendAsync(records.get(i)).get());
        }
    }

    static Measurement batches(Task task, Peer peer) throws Exception {
        List<ByteBuffer> batch = new Records(task.recordBytes()).batch(task.depth());
        try (Contender contender = peer.open(task.opening())) {
            return Callers.one(task, contender, task.depth(), i -> contender.appendBatch(batch));
        }
    }

    static Measurement asynchronous(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        Histogram latency = new ConcurrentHistogram(Measurement.newHistogram());
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        long everyRecords = task.trimEveryBytes() / task.recordBytes();
        try (Contender contender = peer.open(task.opening())) {
            Flight flight = new Flight(contender, task.depth());
            Window window = Window.startingNow(task);
            ProcessCounters before = null;
            long i = 0;
            try (Trimmer trimming = new Trimmer(contender, flight::acknowledged, everyRecords, () -> {})) {
                long now = System.nanoTime();
                do {
                    if (before == null && window.contains(now)) {
                        before = ProcessCounters.now();
                    }
                    flight.append(records.get(i++), start -> landed(start, window, latency));
                    now = System.nanoTime();
                } while (!window.isOver(now));
                ProcessCounters after = ProcessCounters.now();
                long lastCounted = latency.getTotalCount() > 0 ? window.to() : Long.MAX_VALUE;
                flight.land();
                lastCounted = Math.min(lastCounted, System.nanoTime());
                long acknowledged = latency.getTotalCount();
                if (before != null) {
                    after.putSince(before, acknowledged, figures);
                }
                return new Measurement(
                        acknowledged,
                        acknowledged * task.recordBytes(),
                        window.nanosUntil(lastCounted),
                        latency.copy(),
                        figures,
                        Timeline.NONE);
            }
        }
    }

    private static void landed(long start, Window window, Histogram latency) {
        long now = System.nanoTime();
        if (window.contains(now) || (window.isOver(now) && latency.getTotalCount() == 0)) {
            latency.recordValue(now - start);
        }
    }

    static Measurement timeline(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening())) {
            Jobs.trims(contender);
            Measurement measured = new Callers(task, contender, new TimelineRecorder(task).watchingFiles())
                    .measure(1, false, 1, i -> contender.append(records.get(i)));
            if (contender instanceof WaitsForSpares waiting) {
                measured.figures().put(Figure.SPARE_WAITS, (double) waiting.spareWaits());
            }
            return measured;
        }
    }
}
