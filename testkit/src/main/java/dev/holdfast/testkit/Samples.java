package dev.holdfast.testkit;

import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Sample records. The bytes of a record depend only on its id, so a wrong record is detected by its bytes. */
final class Samples {
    /** The largest id that a record can have. */
    static final long MAX_ID = Long.MAX_VALUE - 1;

    private Samples() {}

    /** Returns the data of a record: 0 to 96 bytes, depending on the id. */
    static byte[] bytes(long id) {
        byte[] bytes = new byte[(int) (id % 97)];
        new Random(id).nextBytes(bytes);
        return bytes;
    }

    static ByteBuffer buffer(long id) {
        return ByteBuffer.wrap(bytes(id));
    }

    static LogRecord record(long id) {
        return LogRecord.of(id, bytes(id));
    }

    /**
     * Returns the records with ids {@code firstId} to {@code lastId}; none if {@code lastId} is less than
     * {@code firstId}.
     */
    static List<LogRecord> records(long firstId, long lastId) {
        return LongStream.rangeClosed(firstId, lastId).mapToObj(Samples::record).toList();
    }

    /** Returns the data of {@link #records}. */
    static List<ByteBuffer> buffers(long firstId, long lastId) {
        return LongStream.rangeClosed(firstId, lastId).mapToObj(Samples::buffer).toList();
    }

    static byte[] randomBytes(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Returns records with this data and consecutive ids from {@code firstId} on. */
    static List<LogRecord> numbered(long firstId, List<ByteBuffer> data) {
        List<LogRecord> records = new ArrayList<>();
        for (ByteBuffer each : data) {
            records.add(LogRecord.of(firstId + records.size(), each));
        }
        return records;
    }

    /**
     * Returns a random generator for the named test. Prints the seed; to repeat a run, set the system property
     * {@code holdfast.seed} to this seed.
     */
    static Random random(String test) {
        return new Random(seed(test));
    }

    /** Returns the seed that {@link #random} uses. */
    static long seed(String test) {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println(test + ": rerun with -Dholdfast.seed=" + seed);
        return seed;
    }
}
