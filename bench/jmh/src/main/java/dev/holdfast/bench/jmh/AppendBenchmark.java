package dev.holdfast.bench.jmh;

import dev.holdfast.wal.file.Durability;
import dev.holdfast.wal.file.FileLog;
import dev.holdfast.wal.file.FileLogOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
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

/**
 * Measures the garbage of one append. By default the append does not wait for the disk; {@code -p
 * durability=POWER_LOSS} lets it wait.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AppendBenchmark {
    private static final int TRIM_EVERY = 1 << 16;

    @Param({"128", "1024"})
    private int recordBytes;

    @Param("PROCESS_CRASH")
    private Durability durability = Durability.PROCESS_CRASH;

    private TemporaryLog log = TemporaryLog.NONE;
    private byte[] array = new byte[0];
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private int appended;

    @Setup
    public void open() throws IOException {
        Path directory = TemporaryLog.newDirectory();
        FileLogOptions options = FileLogOptions.builder().durability(durability).build();
        log = new TemporaryLog(directory, FileLog.open(directory, options));
        array = new byte[recordBytes];
        buffer = ByteBuffer.allocateDirect(recordBytes);
    }

    @TearDown
    public void close() throws IOException {
        log.delete();
    }

    @Benchmark
    public long array() throws IOException {
        return trimmed(log.log().append(array));
    }

    @Benchmark
    public long buffer() throws IOException {
        return trimmed(log.log().append(buffer));
    }

    @Benchmark
    public CompletableFuture<Long> asynchronous() throws IOException {
        trimmed(log.log().nextId() - 1);
        return log.log().appendAsync(buffer);
    }

    /** Trims the log, so that the disk does not fill up. */
    private long trimmed(long id) throws IOException {
        appended++;
        if (appended % TRIM_EVERY == 0) {
            log.log().trim(id);
        }
        return id;
    }
}
