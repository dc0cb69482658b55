package dev.holdfast.races;

import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;

/** Records whose bytes follow from a number, so that a mixed or a wrong one is told from a right one. */
final class Sample {
    private static final int BYTES = 72;

    private Sample() {}

    static byte[] bytes(long number) {
        return buffer(number).array();
    }

    static ByteBuffer buffer(long number) {
        ByteBuffer buffer = ByteBuffer.allocate(BYTES);
        for (int i = 0; i < BYTES / Long.BYTES; i++) {
            buffer.putLong(number * 31 + i);
        }
        return buffer.flip();
    }

    static LogRecord record(long id, long number) {
        return LogRecord.wrap(id, buffer(number));
    }

    /** Which number the bytes follow from; -1 if from none. */
    static long numberOf(ByteBuffer data) {
        if (data.remaining() != BYTES) {
            return -1;
        }
        long number = data.getLong(data.position()) / 31;
        return data.equals(buffer(number)) ? number : -1;
    }
}
