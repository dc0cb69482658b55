package dev.holdfast.wal.segment;

import java.io.IOException;
import java.util.Arrays;

/** Frame offsets between two entries of a sparse index. A hint: readers still verify the checksum. Immutable. */
final class FrameTable {
    private final long firstId;
    private final int[] offsets;

    private FrameTable(long firstId, int[] offsets) {
        this.firstId = firstId;
        this.offsets = offsets;
    }

    /** Builds a table: continues a walk from its position, the first record of the table, up to record {@code last}. */
    static FrameTable of(RecordWalk walk, long last, long limit) throws IOException {
        long first = walk.id();
        int[] offsets = new int[16];
        int count = 0;
        while (true) {
            if (count + 2 > offsets.length) {
                offsets = Arrays.copyOf(offsets, 2 * offsets.length);
            }
            offsets[count++] = (int) walk.frameOffset();
            offsets[count] = (int) walk.frameEnd();
            if (walk.id() == last) {
                return new FrameTable(first, Arrays.copyOf(offsets, count + 1));
            }
            walk.next(limit);
        }
    }

    boolean has(long id) {
        return id >= firstId && id - firstId < offsets.length - 1;
    }

    /** Returns the offset of a record's frame. */
    long offset(long id) {
        return Integer.toUnsignedLong(offsets[(int) (id - firstId)]);
    }

    /** Returns the end offset of a record's frame. */
    long end(long id) {
        return Integer.toUnsignedLong(offsets[(int) (id - firstId) + 1]);
    }

    /** Returns the approximate memory use in bytes. */
    int bytes() {
        return 48 + Integer.BYTES * offsets.length;
    }
}
