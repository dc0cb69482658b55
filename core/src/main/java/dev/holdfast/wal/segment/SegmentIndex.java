package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.Layout;
import java.util.Arrays;

/**
 * The sparse index of a segment: group and frame offsets of its first record, and of one record each
 * {@link Layout#INDEX_INTERVAL_BYTES}. One thread adds, any number read: the volatile write of the count publishes an
 * entry.
 */
public final class SegmentIndex {
    private static final int NUMBERS = 3;

    private volatile int[] numbers = new int[4 * NUMBERS];
    private volatile int entries;

    public SegmentIndex() {}

    public SegmentIndex(int[] footerNumbers) {
        numbers = footerNumbers;
        entries = footerNumbers.length / NUMBERS;
    }

    /** Reserves room for all entries of a segment of this length, so appends create no garbage. */
    void reserve(long fileLength) {
        int needed = Math.toIntExact(fileLength / Layout.INDEX_INTERVAL_BYTES + 1) * NUMBERS;
        numbers = Arrays.copyOf(numbers, Math.max(numbers.length, needed));
    }

    /** Adds a record if enough bytes have passed since the last entry. */
    void add(long idDelta, long groupOffset, long frameOffset) {
        int count = entries;
        if (count > 0 && frameOffset - frameOffset(count - 1) < Layout.INDEX_INTERVAL_BYTES) return;
        int at = count * NUMBERS;
        int[] array = numbers;
        if (at == array.length) {
            array = Arrays.copyOf(array, at * 2);
            numbers = array;
        }
        array[at] = (int) idDelta;
        array[at + 1] = (int) groupOffset;
        array[at + 2] = (int) frameOffset;
        entries = count + 1;
    }

    /**
     * Adds the entries for a group, or for a part of one: then {@code place}, the file offset of the buffer's first
     * byte, is not the group's offset.
     */
    void add(GroupBuffer group, long idDelta, long groupOffset, long place) {
        add(idDelta, groupOffset, place + Layout.GROUP_HEADER_BYTES);
        if (group.length() < Layout.INDEX_INTERVAL_BYTES) return;
        int frame = Layout.GROUP_HEADER_BYTES;
        for (int i = 0; i < group.count(); i++) {
            add(idDelta + i, groupOffset, place + frame); // seam: index-entry
            frame = group.frameAfter(frame);
        }
    }

    /** Returns the last entry at or before a record, or -1 if there is none. */
    int floor(long idDelta) {
        int low = 0;
        int high = entries - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (idDelta(middle) <= idDelta) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    public int entries() {
        return entries;
    }

    long idDelta(int entry) {
        return Integer.toUnsignedLong(numbers[entry * NUMBERS]);
    }

    long groupOffset(int entry) {
        return Integer.toUnsignedLong(numbers[entry * NUMBERS + 1]);
    }

    long frameOffset(int entry) {
        return Integer.toUnsignedLong(numbers[entry * NUMBERS + 2]);
    }

    /** Returns the numbers of all entries, for a footer, with unused room after them. Not a copy. */
    int[] numbers() {
        return numbers;
    }
}
