package dev.holdfast.wal.segment;

import dev.holdfast.wal.format.GroupBuffer;
import dev.holdfast.wal.format.Layout;
import java.util.Arrays;

/**
 * The sparse index of a segment: for some records, where their group and frame begin; the first record always, then one
 * wherever {@link Layout#INDEX_INTERVAL_BYTES} have passed. One thread adds, any number read: an entry is published by
 * the volatile write of the count behind it.
 */
public final class SegmentIndex {
    private static final int NUMBERS = 3;

    private volatile int[] numbers;
    private volatile int entries;

    /** An empty index, for a segment that is scanned. */
    public SegmentIndex() {
        numbers = new int[4 * NUMBERS];
    }

    /**
     * An empty index with room for all that a segment of this length will need, so that appends leave no garbage
     * behind.
     */
    public SegmentIndex(long fileLength) {
        numbers = new int[numbersFor(fileLength)];
    }

    private static int numbersFor(long fileLength) {
        return Math.toIntExact(fileLength / Layout.INDEX_INTERVAL_BYTES + 1) * NUMBERS;
    }

    /** Makes room for all that a segment of this length will need: for one that was scanned and is written on. */
    void reserve(long fileLength) {
        if (numbers.length < numbersFor(fileLength)) {
            numbers = Arrays.copyOf(numbers, numbersFor(fileLength));
        }
    }

    /** The index that stands in a footer. */
    public SegmentIndex(int[] footerNumbers) {
        numbers = footerNumbers;
        entries = footerNumbers.length / NUMBERS;
    }

    /** Notes a record if enough bytes have passed since the last one noted. */
    void add(long idDelta, long groupOffset, long frameOffset) {
        int count = entries;
        if (count > 0 && frameOffset - frameOffset(count - 1) < Layout.INDEX_INTERVAL_BYTES) {
            return;
        }
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
     * Notes what a group needs noted, or a part of one.
     *
     * @param idDelta its first id less the segment's base id
     * @param place where the first byte of the buffer would stand; of a whole group that is {@code groupOffset}
     */
    void add(GroupBuffer group, long idDelta, long groupOffset, long place) {
        add(idDelta, groupOffset, place + Layout.GROUP_HEADER_BYTES);
        if (group.length() < Layout.INDEX_INTERVAL_BYTES) {
            return;
        }
        int frame = Layout.GROUP_HEADER_BYTES;
        for (int i = 0; i < group.count(); i++) {
            add(idDelta + i, groupOffset, place + frame);
            frame = group.frameAfter(frame);
        }
    }

    /** The last entry at or before a record; -1 if there is none. */
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

    int entries() {
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

    /** How many entries there are of records below an id. */
    int entriesBelow(long idDelta) {
        return floor(idDelta - 1) + 1;
    }

    /** The numbers of all entries, for a footer, and behind them room for more: not a copy. */
    int[] numbers() {
        return numbers;
    }
}
