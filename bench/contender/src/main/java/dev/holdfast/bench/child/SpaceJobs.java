package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.Truncates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The jobs that measure how much a log writes and how much space it takes. */
final class SpaceJobs {
    private static final int TRUNCATIONS_PER_WARM_UP = 4;
    private static final int TRUNCATIONS_BEFORE = 16;
    private static final int MOST_LOOKS = 20;
    private static final int LOOK_AGAIN_MILLIS = 300;

    private SpaceJobs() {}

    /**
     * Measures the second half of the log. The first half is not measured, because files that are created once, such as
     * spares, are not part of the growth.
     */
    static Measurement writtenBytes(Task task, Peer peer) throws Exception {
        Device device = Device.below(task.opening().directory())
                .orElseThrow(() ->
                        new UnsupportedOperationException("the file system has no device that counts written bytes"));
        long half = task.logBytes() / 2;
        long before;
        long start;
        try (Contender contender = peer.open(task.opening())) {
            if (task.trimEveryBytes() > 0) {
                Jobs.trims(contender);
            }
            Flight.append(contender, half, task.recordBytes(), task.depth(), task.trimEveryBytes());
            before = device.writtenBytes();
            start = System.nanoTime();
            Flight.append(contender, half, task.recordBytes(), task.depth(), task.trimEveryBytes());
        }
        long nanos = System.nanoTime() - start;
        double written = device.writtenBytes() - before;
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        figures.put(Figure.WRITTEN_BYTES_PER_BYTE, written / half);
        return new Measurement(
                half / task.recordBytes(), half, nanos, Measurement.newHistogram(), figures, Timeline.NONE);
    }

    static Measurement truncate(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening())) {
            Truncates truncating = Jobs.able(contender, Truncates.class, "it cannot be truncated");
            Task appends = new Task(
                    task.job(), task.opening(), 1, task.warmUpMillis(), task.millis() / TRUNCATIONS_PER_WARM_UP, 0, 0);
            Measurement alone = Callers.one(appends, contender, 1, i -> contender.append(records.get(i)));
            // Files that the log keeps for further truncations are created once and are not counted as growth.
            for (int i = 0; i < TRUNCATIONS_BEFORE; i++) {
                truncating.truncateNewest();
                contender.append(records.get(i));
            }
            long bytesBefore = settledBytes(task.opening().directory());
            Measurement measured = Callers.one(task, contender, 1, i -> {
                truncating.truncateNewest();
                contender.append(records.get(i));
            });
            long bytesAfter = settledBytes(task.opening().directory());
            measured.figures()
                    .put(Figure.APPEND_P50_NANOS, (double) alone.latency().getValueAtPercentile(50));
            measured.figures().put(Figure.GROWTH_BYTES, (double) (bytesAfter - bytesBefore));
            return measured;
        }
    }

    /** Returns the size of the directory once it has not changed for a while, so that no background work is left. */
    private static long settledBytes(Path directory) throws IOException, InterruptedException {
        long bytes = -1;
        for (int i = 0; i < MOST_LOOKS; i++) {
            long now = directoryBytes(directory);
            if (now == bytes) {
                break;
            }
            bytes = now;
            TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
        }
        return bytes;
    }

    private static long directoryBytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.map(Path::toFile)
                    .filter(java.io.File::isFile)
                    .mapToLong(java.io.File::length)
                    .sum();
        }
    }
}
