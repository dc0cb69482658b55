package dev.holdfast.bench.child;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What a record says to a reader in another process: when it was appended, and what the reader does with it. Both are
 * in the first 8 bytes of the record.
 *
 * @param calledNanos the time of the call of the append, by the clock that both processes share; a multiple of 4
 */
record FollowedRecord(long calledNanos, Kind kind) {
    /** The kinds of records. Their number is in the lowest two bits of the time. */
    enum Kind {
        /** Does not count. */
        WARM_UP,
        /** Its delay counts. */
        COUNTED,
        /** The last record before a silence. The reader confirms it. */
        LAST,
        /** The end of the measurement. */
        END
    }

    private static final long KIND_BITS = 3;

    static FollowedRecord calledNow(Kind kind) {
        return new FollowedRecord(System.nanoTime() & ~KIND_BITS, kind);
    }

    static FollowedRecord parse(long first8Bytes) {
        return new FollowedRecord(first8Bytes & ~KIND_BITS, Kind.values()[(int) (first8Bytes & KIND_BITS)]);
    }

    long first8Bytes() {
        return calledNanos | List.of(Kind.values()).indexOf(kind);
    }

    /** Returns the data of the record. */
    ByteBuffer data(int recordBytes) {
        return ByteBuffer.wrap(ByteBuffer.allocate(Math.max(Long.BYTES, recordBytes))
                .putLong(first8Bytes())
                .array());
    }
}
