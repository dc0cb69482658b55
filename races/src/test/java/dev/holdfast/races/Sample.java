package dev.holdfast.races;

import dev.holdfast.wal.LogRecord;
import java.nio.ByteBuffer;

/** Records whose bytes depend on a number, so that mixed or wrong records are detected. */
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

    /** Returns the number that the bytes depend on; -1 if the bytes are wrong. */
    static long numberOf(ByteBuffer data) {
        if (data.remaining() != BYTES) {
            return -1;
        }
        long number = data.getLong(data.position()) / 31;
        return data.equals(buffer(number)) ? number : -1;
    }
}
