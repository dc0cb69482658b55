package dev.holdfast.wal.segment;

import java.io.IOException;
import java.util.Arrays;

/**
 * Where each frame stands between one entry of a segment's sparse index and the next, as a walk found them that checked
 * each. It is a hint: whoever reads by it checks what he reads. Immutable.
 */
final class FrameTable {
    private final long firstId;
    private final int[] offsets;

    private FrameTable(long firstId, int[] offsets) {
        this.firstId = firstId;
        this.offsets = offsets;
    }

    /**
     * Walks on to the last record that belongs into the table.
     *
     * @param walk that shows the first record
     */
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

    /** Where the frame of a record begins. */
    long offset(long id) {
        return Integer.toUnsignedLong(offsets[(int) (id - firstId)]);
    }

    /** Where the next one begins; of the last one, where it ends. */
    long end(long id) {
        return Integer.toUnsignedLong(offsets[(int) (id - firstId) + 1]);
    }

    /** Bytes of memory, about. */
    int bytes() {
        return 48 + Integer.BYTES * offsets.length;
    }
}
