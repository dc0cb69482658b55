package dev.holdfast.wal.store;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A stretch of the shared log. It is sealed once its index record is durable. */
final class Window {
    /** Number of the window, counted from the first of the store. */
    final long ordinal;

    /** The first place. */
    final long start;

    /** The place after the last one; {@code Long.MAX_VALUE} for the newest window. */
    volatile long end = Long.MAX_VALUE;

    /** Bytes of the records in the window. */
    final AtomicLong bytes = new AtomicLong();

    /** Smallest place from which a record was moved into this window; {@code Long.MAX_VALUE} if none was. */
    volatile long movedFrom = Long.MAX_VALUE;

    /** The seal, or null if there is none yet. */
    volatile @Nullable Seal seal;

    /** The live records, found in the window itself, if the positions are damaged; otherwise null. */
    volatile @Nullable WindowScan scan;

    Window(long ordinal, long start) {
        this.ordinal = ordinal;
        this.start = start;
    }

    /**
     * The index record of a window, and where its parts are.
     *
     * @param place place of the record
     * @param firstPosition place of the first positions record; the others follow
     * @param numbers number of the log with which each positions record begins
     * @param ids id with which each positions record begins
     * @param indexParts number of index records behind the positions
     * @param checkpointParts number of checkpoint records behind them; 0 if there is no checkpoint
     */
    @SuppressWarnings("ArrayRecordComponent") // seals are not compared
    record Seal(long place, long firstPosition, long[] numbers, long[] ids, int indexParts, int checkpointParts) {
        /** Returns the place of the positions record that may hold a record; 0 if none does. */
        long positionsOf(long number, long id) {
            int low = 0;
            int high = numbers.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                int order = Long.compare(numbers[middle], number);
                if (order < 0 || (order == 0 && ids[middle] <= id)) {
                    low = middle + 1;
                } else {
                    high = middle - 1;
                }
            }
            return high < 0 ? 0 : firstPosition + high;
        }

        long firstIndexPart() {
            return firstPosition + numbers.length;
        }

        long firstCheckpointPart() {
            return firstIndexPart() + indexParts;
        }

        @Override
        public String toString() {
            return "seal at " + place + ", positions from " + firstPosition + " on: " + Arrays.toString(numbers);
        }
    }

    boolean contains(long place) {
        return place >= start && place < end;
    }

    @Override
    public String toString() {
        return "window " + ordinal + ", places " + start + " to " + (end - 1);
    }
}
