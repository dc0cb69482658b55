package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.ReadsAnywhere;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.ReadsBack.ReadBack;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/** The jobs that write a log and then read it. */
final class ReadJobs {
    private ReadJobs() {}

    /** Reads all records repeatedly. Counts the passes that begin in the window; the latency is that of a pass. */
    static Measurement readBack(Task task, Peer peer) throws Exception {
        Jobs.fill(task, peer);
        try (Contender contender = peer.open(task.opening())) {
            ReadsBack reading = Jobs.able(contender, ReadsBack.class, "it cannot read all records");
            Histogram latency = Measurement.newHistogram();
            long records = 0;
            long bytes = 0;
            long nanos = 0;
            long allocatedBytes = 0;
            Window window = Window.startingNow(task);
            while (latency.getTotalCount() == 0 || !window.isOver(System.nanoTime())) {
                long allocatedBefore = Callers.allocatedBytes();
                long start = System.nanoTime();
                ReadBack read = checked(reading.readAll(), task);
                long end = System.nanoTime();
                if (start - window.from() >= 0) {
                    records += read.records();
                    bytes += read.bytes();
                    nanos += end - start;
                    allocatedBytes += Callers.allocatedBytes() - allocatedBefore;
                    latency.recordValue(end - start);
                }
            }
            Map<Figure, Double> figures = new EnumMap<>(Figure.class);
            figures.put(Figure.ALLOCATED_BYTES_PER_RECORD, (double) allocatedBytes / records);
            return new Measurement(records, bytes, nanos, latency, figures, Timeline.NONE);
        }
    }

    private static ReadBack checked(ReadBack read, Task task) {
        long appended = task.logBytes() / task.recordBytes();
        if (read.records() < appended || read.bytes() != read.records() * task.recordBytes()) {
            throw new IllegalStateException("appended " + appended + " records, but read " + read);
        }
        return read;
    }

    static Measurement readAnywhere(Task task, Peer peer) throws Exception {
        Jobs.fill(task, peer);
        try (Contender contender = peer.open(task.opening())) {
            ReadsAnywhere reading = Jobs.able(contender, ReadsAnywhere.class, "it cannot read single records");
            long first = reading.firstId();
            long count = reading.lastId() + 1 - first;
            SplittableRandom random = new SplittableRandom(count);
            return Callers.one(task, contender, 1, i -> {
                long id = first + random.nextLong(count);
                int bytes = reading.read(id);
                if (bytes != task.recordBytes()) {
                    throw new IllegalStateException("record " + id + " has " + bytes + " bytes");
                }
            });
        }
    }
}
