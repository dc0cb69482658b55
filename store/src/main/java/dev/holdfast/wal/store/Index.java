package dev.holdfast.wal.store;

import dev.holdfast.wal.store.FieldReader.MalformedException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The live ids of each log in a window, without their places. One sequence of bytes, cut into parts that each fit into
 * a record.
 */
final class Index {
    private static final int PART_BYTES = 256 << 10;

    /** Visits a range of consecutive ids. */
    @FunctionalInterface
    interface RangeVisitor {
        void range(long number, long id, long count);
    }

    private final FieldWriter fields = new FieldWriter(1024);
    private long lastNumber;

    /** Adds the runs of one log; numbers increase. */
    void add(long number, List<long[]> runs) {
        List<long[]> ranges = new ArrayList<>();
        for (long[] run : runs) {
            long[] last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && last[0] + last[1] == run[0]) {
                last[1] += run[2];
            } else {
                ranges.add(new long[] {run[0], run[2]});
            }
        }
        fields.writeNumber(number - lastNumber).writeNumber(ranges.size());
        lastNumber = number;
        long id = 0;
        for (long[] range : ranges) {
            fields.writeNumber(range[0] - id).writeNumber(range[1]);
            id = range[0] + range[1];
        }
    }

    List<ByteBuffer> parts() {
        return parts(fields.toBuffer());
    }

    static List<ByteBuffer> parts(ByteBuffer all) {
        List<ByteBuffer> parts = new ArrayList<>();
        for (int from = 0; from < all.limit(); from += PART_BYTES) {
            parts.add(all.slice(from, Math.min(PART_BYTES, all.limit() - from)));
        }
        return parts;
    }

    static void read(ByteBuffer all, RangeVisitor visitor) throws MalformedException {
        FieldReader fields = new FieldReader(all);
        long number = 0;
        while (!fields.isAtEnd()) {
            number += fields.readNumber();
            int ranges = fields.readCount(2);
            long id = 0;
            for (int i = 0; i < ranges; i++) {
                id += fields.readNumber();
                long count = fields.readNumber();
                visitor.range(number, id, count);
                id += count;
            }
        }
    }
}
