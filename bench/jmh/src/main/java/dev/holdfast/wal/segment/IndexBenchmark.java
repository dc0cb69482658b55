package dev.holdfast.wal.segment;

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

/**
 * Measures the lookup of a record in the sparse index of a segment. The class is in this package because the index is
 * package-private.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class IndexBenchmark {
    private static final int SEGMENT_BYTES = 64 << 20;

    @Param({"128", "16384"})
    private int recordBytes;

    private final SegmentIndex index = new SegmentIndex();
    private long records;
    private long next;

    @Setup
    public void fill() {
        records = SEGMENT_BYTES / recordBytes;
        for (long i = 0; i < records; i++) {
            index.add(i, i * recordBytes, i * recordBytes);
        }
    }

    @Benchmark
    public int floor() {
        next = (next * 6364136223846793005L + 1442695040888963407L) & Long.MAX_VALUE;
        return index.floor(next % records);
    }
}
