package dev.holdfast.testkit;

import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** Records to append: the bytes of each follow from its id, so that a wrong one is told from a right one. */
final class Samples {
    /** The largest id a record can have. */
    static final long MAX_ID = Long.MAX_VALUE - 1;

    private Samples() {}

    /** From 0 to 96 bytes. */
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

    /** The records with the ids from {@code firstId} to {@code lastId}, none if the latter is the lesser. */
    static List<LogRecord> records(long firstId, long lastId) {
        return LongStream.rangeClosed(firstId, lastId).mapToObj(Samples::record).toList();
    }

    /** What {@link #records} carries. */
    static List<ByteBuffer> buffers(long firstId, long lastId) {
        return LongStream.rangeClosed(firstId, lastId).mapToObj(Samples::buffer).toList();
    }

    static byte[] randomBytes(Random random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    /** As a reader gets them, with the id of the first. */
    static List<LogRecord> numbered(long firstId, List<ByteBuffer> data) {
        List<LogRecord> records = new ArrayList<>();
        for (ByteBuffer each : data) {
            records.add(LogRecord.of(firstId + records.size(), each));
        }
        return records;
    }

    /** Randomness for the test of this name; the seed is printed, and the system property holdfast.seed repeats it. */
    static Random random(String test) {
        return new Random(seed(test));
    }

    /** As {@link #random}, the seed itself. */
    static long seed(String test) {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println(test + ": rerun with -Dholdfast.seed=" + seed);
        return seed;
    }
}
