package dev.holdfast.bench.jmh;

import dev.holdfast.wal.format.Checksum;
import dev.holdfast.wal.format.Declaration;
import dev.holdfast.wal.format.Frame;
import dev.holdfast.wal.format.GroupBuffer;
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

/** Measures how a group of records is encoded and sealed. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class CodecBenchmark {
    private static final Declaration DECLARED = new Declaration(0, 0);
    private static final long SALT = 0x5EED;
    private static final long OFFSET = 1 << 20;

    @Param({"128", "1024", "16384"})
    private int recordBytes;

    @Param({"1", "64"})
    private int records;

    private final GroupBuffer group = new GroupBuffer();
    private final Checksum checksum = new Checksum();
    private byte[] data = new byte[0];

    @Setup
    public void makeRecord() {
        data = new byte[recordBytes];
    }

    @Benchmark
    public byte[] encodeGroup() {
        group.clear(1);
        group.reserve(records * Frame.bytes(recordBytes));
        for (int i = 0; i < records; i++) {
            if (i > 0) group.continueBatch();
            group.add(data, 0, recordBytes);
        }
        group.seal(checksum, SALT, OFFSET, DECLARED);
        return group.bytes();
    }
}
