package dev.holdfast.bench.jmh;

import dev.holdfast.wal.format.Checksum;
import java.nio.ByteBuffer;
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
import org.openjdk.jmh.annotations.Warmup;

/** Measures the checksum of one record in an array and in a direct buffer. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ChecksumBenchmark {
    private static final long SALT = 0x5EED;

    @Param({"128", "1024", "16384", "1048576"})
    private int recordBytes;

    private final Checksum checksum = new Checksum();
    private ByteBuffer array = ByteBuffer.allocate(0);
    private ByteBuffer direct = ByteBuffer.allocateDirect(0);

    @Setup
    public void makeRecord() {
        array = ByteBuffer.allocate(recordBytes);
        direct = ByteBuffer.allocateDirect(recordBytes);
    }

    @Benchmark
    public int ofArray() {
        return checksum.of(array, 0, recordBytes, SALT, 0);
    }

    @Benchmark
    public int ofDirectBuffer() {
        return checksum.of(direct, 0, recordBytes, SALT, 0);
    }
}
