package dev.holdfast.bench.child;

import dev.holdfast.bench.contender.AppliesInOrder;
import dev.holdfast.bench.contender.Contender;
import dev.holdfast.bench.contender.Opening;
import dev.holdfast.bench.contender.Peer;
import dev.holdfast.bench.contender.ReadsAnywhere;
import dev.holdfast.bench.contender.ReadsBack;
import dev.holdfast.bench.contender.ReadsBack.ReadBack;
import dev.holdfast.bench.contender.Trims;
import dev.holdfast.bench.contender.Truncates;
import dev.holdfast.bench.contender.WaitsForSpares;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** Runs the jobs. Each job opens and closes its own log. */
final class Jobs {
    private static final int FILL_DEPTH = 1_024;
    private static final int FILL_RECORD_BYTES = 16 << 10;
    private static final int FEWEST_OPENINGS = 3;
    private static final int MOST_WARM_UP_OPENINGS = 15;
    private static final int TRUNCATIONS_PER_WARM_UP = 4;
    private static final int TRUNCATIONS_BEFORE = 16;
    private static final int MOST_LOOKS = 20;
    private static final int LOOK_AGAIN_MILLIS = 300;

    /** Number of records that a map of applied records holds. */
    private static final long MOST_APPLIED = 10_000;

    private Jobs() {}

    static Measurement run(Task task, Peer peer) throws Exception {
        return switch (task.job()) {
            case CALLERS -> callers(task, peer, false);
            case VIRTUAL_CALLERS -> callers(task, peer, true);
            case APPLYING_CALLERS -> applyingCallers(task, peer);
            case BATCHES -> batches(task, peer);
            case ASYNCHRONOUS -> asynchronous(task, peer);
            case READ_BACK -> readBack(task, peer);
            case READ_ANYWHERE -> readAnywhere(task, peer);
            case OPEN -> open(task, peer);
            case WRITTEN_BYTES -> writtenBytes(task, peer);
            case TAIL -> tail(task, peer);
            case TIMELINE -> timeline(task, peer);
            case TRUNCATE -> truncate(task, peer);
            case PREPARE -> prepare(task, peer);
            case WARM_UP -> warmUp(task, peer);
            case FILL_AND_HALT -> fill(task, peer);
            case PROVE -> prove(task, peer);
            case DAMAGE -> damage(task, peer);
        };
    }

    private static Measurement callers(Task task, Peer peer, boolean virtual) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening())) {
            return new Callers(task, contender, new TimelineRecorder(task))
                    .measure(task.depth(), virtual, 1, i -> contender.append(records.get(i)));
        }
    }

    private static Measurement applyingCallers(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        Map<Long, ByteBuffer> applied = new HashMap<>();
        try (Contender contender = peer.open(task.opening())) {
            AppliesInOrder applying = able(contender, AppliesInOrder.class, "it cannot apply records in order");
            return new Callers(task, contender, new TimelineRecorder(task)).measure(task.depth(), false, 1, i -> {
                ByteBuffer record = records.get(i);
                applying.append(record, id -> applied.put(id % MOST_APPLIED, record));
            });
        }
    }

    private static Measurement batches(Task task, Peer peer) throws Exception {
        List<ByteBuffer> batch = new Records(task.recordBytes()).batch(task.depth());
        try (Contender contender = peer.open(task.opening())) {
            return Callers.one(task, contender, task.depth(), i -> contender.appendBatch(batch));
        }
    }

    private static Measurement asynchronous(Task task, Peer peer) throws Exception {
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

    /** Reads all records repeatedly. Counts the passes that begin in the window; the latency is that of a pass. */
    private static Measurement readBack(Task task, Peer peer) throws Exception {
        fill(task, peer);
        try (Contender contender = peer.open(task.opening())) {
            ReadsBack reading = able(contender, ReadsBack.class, "it cannot read all records");
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

    private static Measurement readAnywhere(Task task, Peer peer) throws Exception {
        fill(task, peer);
        try (Contender contender = peer.open(task.opening())) {
            ReadsAnywhere reading = able(contender, ReadsAnywhere.class, "it cannot read single records");
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

    private static Measurement open(Task task, Peer peer) throws Exception {
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

    /**
     * Measures the second half of the log. The first half is not measured, because files that are created once, such as
     * spares, are not part of the growth.
     */
    private static Measurement writtenBytes(Task task, Peer peer) throws Exception {
        Device device = Device.below(task.opening().directory())
                .orElseThrow(() ->
                        new UnsupportedOperationException("the file system has no device that counts written bytes"));
        long half = task.logBytes() / 2;
        long before;
        long start;
        try (Contender contender = peer.open(task.opening())) {
            if (task.trimEveryBytes() > 0) {
                trims(contender);
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

    private static Measurement tail(Task task, Peer peer) throws Exception {
        try (Contender contender = peer.open(task.opening())) {
            return new Tailing(task, contender).measure();
        }
    }

    private static Measurement timeline(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening())) {
            trims(contender);
            Measurement measured = new Callers(task, contender, new TimelineRecorder(task).watchingFiles())
                    .measure(1, false, 1, i -> contender.append(records.get(i)));
            if (contender instanceof WaitsForSpares waiting) {
                measured.figures().put(Figure.SPARE_WAITS, (double) waiting.spareWaits());
            }
            return measured;
        }
    }

    private static Measurement truncate(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening())) {
            Truncates truncating = able(contender, Truncates.class, "it cannot be truncated");
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

    private static Measurement prepare(Task task, Peer peer) throws Exception {
        try (Contender contender = peer.open(task.opening())) {
            Trims trimming = trims(contender);
            Flight.append(contender, task.logBytes(), FILL_RECORD_BYTES, FILL_DEPTH / 8, task.trimEveryBytes());
            trimming.trim(0);
        }
        return nothing();
    }

    private static Measurement warmUp(Task task, Peer peer) throws Exception {
        callers(task, peer, false);
        batches(task, peer);
        asynchronous(task, peer);
        return nothing();
    }

    private static Measurement fill(Task task, Peer peer) throws Exception {
        Contender contender = peer.open(task.opening());
        Flight.append(contender, task.logBytes(), task.recordBytes(), FILL_DEPTH, 0);
        if (task.job() != Job.FILL_AND_HALT) {
            contender.close();
        }
        return nothing();
    }

    private static Measurement prove(Task task, Peer peer) throws Exception {
        Records records = new Records(task.recordBytes());
        try (Contender contender = peer.open(task.opening());
                ProofMarks marks = new ProofMarks(task.opening().directory())) {
            for (int i = 0; i < task.depth(); i++) {
                ByteBuffer record = records.get(i);
                marks.around(() -> contender.append(record));
            }
            for (int i = 0; i < task.depth(); i++) {
                marks.around(() -> contender.appendBatch(records.batch(2)));
            }
            for (int i = 0; i < task.depth(); i++) {
                ByteBuffer record = records.get(i);
                Flight flight = new Flight(contender, 1);
                marks.around(() -> {
                    flight.append(record, start -> {});
                    flight.land();
                });
            }
        }
        return nothing();
    }

    private static Measurement damage(Task task, Peer peer) throws Exception {
        fill(task, peer);
        Damage.flipBitOf(new Records(task.recordBytes()).get(0), task.opening().directory());
        Map<Figure, Double> figures = new EnumMap<>(Figure.class);
        figures.put(Figure.NOTICES_DAMAGE, isNoticed(task, peer) ? 1.0 : 0.0);
        return new Measurement(0, 0, 0, Measurement.newHistogram(), figures, Timeline.NONE);
    }

    /** Returns whether reading detects the damage: it throws an exception or returns only records before the damage. */
    private static boolean isNoticed(Task task, Peer peer) throws Exception {
        Contender contender;
        try {
            contender = peer.open(task.opening());
        } catch (Exception e) {
            return true;
        }
        try (contender) {
            ReadsBack reading = able(contender, ReadsBack.class, "it cannot read all records");
            return reading.readAll().records() < task.logBytes() / task.recordBytes();
        } catch (UnsupportedOperationException e) {
            throw e;
        } catch (Exception | Error e) {
            return true;
        }
    }

    private static Measurement nothing() {
        return new Measurement(0, 0, 0, Measurement.newHistogram(), Map.of(), Timeline.NONE);
    }

    private static Trims trims(Contender contender) {
        return able(contender, Trims.class, "it cannot be trimmed");
    }

    private static <T> T able(Contender contender, Class<T> ability, String otherwise) {
        return Optional.of(contender)
                .filter(ability::isInstance)
                .map(ability::cast)
                .orElseThrow(() -> new UnsupportedOperationException(otherwise));
    }
}
