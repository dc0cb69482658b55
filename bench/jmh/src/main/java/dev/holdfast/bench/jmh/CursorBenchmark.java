package dev.holdfast.bench.jmh;

import dev.holdfast.wal.LogCursor;
import dev.holdfast.wal.LogRecord;
import dev.holdfast.wal.file.FileLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Measures {@code next} of a cursor and the read of a single record, in a log of 64 MiB in the page cache. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CursorBenchmark {
    private static final int LOG_BYTES = 64 << 20;
    private static final int BATCH = 256;

    @Param({"128", "1024"})
    private int recordBytes;

    private final SplittableRandom random = new SplittableRandom(1);
    private TemporaryLog log = TemporaryLog.NONE;
    private Optional<LogCursor> cursor = Optional.empty();
    private int records;

    @Setup
    public void fill() throws IOException {
        Path directory = TemporaryLog.newDirectory();
        log = new TemporaryLog(directory, FileLog.open(directory));
        records = LOG_BYTES / recordBytes;
        for (int i = 0; i < records; i += BATCH) {
            log.log().appendAll(Collections.nCopies(BATCH, ByteBuffer.allocate(recordBytes)));
        }
        cursor = Optional.of(log.log().cursor(0));
    }

    @TearDown
    public void close() throws IOException {
        cursor.orElseThrow().close();
        log.delete();
    }

    @Benchmark
    public int next() throws IOException {
        LogCursor current = cursor.orElseThrow();
        if (!current.next()) {
            current.close();
            current = log.log().cursor(0);
            cursor = Optional.of(current);
            current.next();
        }
        return current.data().remaining();
    }

    @Benchmark
    public Optional<LogRecord> read() throws IOException {
        return log.log().read(1 + random.nextInt(records));
    }
}
