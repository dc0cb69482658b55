package dev.holdfast.wal.store;

import java.util.Arrays;

/**
 * The places of the records of one log in the shared log. Two maps by id; if both have an id, the first map wins:
 *
 * <ul>
 *   <li><i>recent</i>: the place of each record in a window without an index record, as runs of consecutive ids at
 *       consecutive places;
 *   <li><i>sealed</i>: the window of each record whose window has an index record. An entry takes 8 bytes and holds
 *       from its id up to the id of the next entry. The place itself is in the index record.
 * </ul>
 *
 * <p>The log's ids say which records exist. A map may name windows for other ids. Not thread-safe.
 */
final class Places {
    /** The place or the window of an id is unknown. */
    static final long NOWHERE = -1;

    private static final int WINDOW_BITS = 24;
    private static final long WINDOW_MASK = (1L << WINDOW_BITS) - 1;

    /** In place of a window in an entry: no record of these ids is in a sealed window. */
    private static final long NO_WINDOW = WINDOW_MASK;

    private static final long MAX_RELATIVE_ID = Long.MAX_VALUE >>> WINDOW_BITS;
    private static final long[] NONE = {};

    /** Visits a run of consecutive ids at consecutive places. */
    @FunctionalInterface
    interface RunVisitor {
        void run(long id, long place, int count);
    }

    // Recent runs, in id order: triples of id, place and count.
    private long[] recent = NONE;
    private int recentSize; // in longs

    // Entries of windows, in id order: id - base, then the code of the window.
    private long[] sealed = NONE;
    private int sealedSize;
    private long base;
    private long sealedEnd; // the id after the last one of the last entry

    private static final int RUN = 3;

    /** Returns the place of a recent record, or {@link #NOWHERE}. */
    long recentPlace(long id) {
        int run = recentRun(id);
        return run < 0 || id >= end(run) ? NOWHERE : recent[run + 1] + (id - recent[run]);
    }

    /** Returns the index of the last recent run that begins at or before an id; negative if there is none. */
    private int recentRun(long id) {
        int low = 0;
        int high = recentSize / RUN - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (recent[middle * RUN] <= id) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high * RUN;
    }

    private long end(int run) {
        return recent[run] + recent[run + 2];
    }

    /** Sets the place of recent records. */
    void put(long id, long place, int count) {
        if (recentSize > 0) {
            int last = recentSize - RUN;
            if (id < end(last)) {
                insert(id, place, count);
                return;
            }
            if (id == end(last) && place == recent[last + 1] + recent[last + 2]) {
                recent[last + 2] += count;
                return;
            }
        }
        add(id, place, count);
    }

    private void add(long id, long place, long count) {
        if (recentSize + RUN > recent.length) {
            recent = Arrays.copyOf(recent, Math.max(2 * RUN, recent.length * 2));
        }
        recent[recentSize] = id;
        recent[recentSize + 1] = place;
        recent[recentSize + 2] = count;
        recentSize += RUN;
    }

    /** Puts a run between others, which are cut where they overlap it. */
    private void insert(long id, long place, int count) {
        long[] before = recent;
        int size = recentSize;
        recent = new long[size + 2 * RUN];
        recentSize = 0;
        boolean inserted = false;
        for (int run = 0; run < size; run += RUN) {
            long first = before[run];
            long end = first + before[run + 2];
            if (first < id) {
                add(first, before[run + 1], Math.min(end, id) - first);
            }
            if (!inserted && end > id) {
                add(id, place, count);
                inserted = true;
            }
            long from = Math.max(first, id + count);
            if (from < end) {
                add(from, before[run + 1] + (from - first), end - from);
            }
        }
    }

    /** Visits the parts of recent runs that are at {@code start} up to but not including {@code end}, in id order. */
    void visitRecent(long start, long end, RunVisitor visitor) {
        for (int run = 0; run < recentSize; run += RUN) {
            long place = recent[run + 1];
            long from = Math.max(place, start);
            long to = Math.min(place + recent[run + 2], end);
            if (from < to) {
                visitor.run(recent[run] + (from - place), from, (int) (to - from));
            }
        }
    }

    /** Moves the recent records of a window to the sealed map. */
    void seal(long ordinal, long start, long end) {
        visitRecent(start, end, (id, place, count) -> putSealed(id, count, ordinal));
        long[] before = recent;
        int size = recentSize;
        recent = new long[size];
        recentSize = 0;
        for (int run = 0; run < size; run += RUN) {
            long id = before[run];
            long place = before[run + 1];
            long stop = place + before[run + 2];
            if (place < start) {
                add(id, place, Math.min(stop, start) - place);
            }
            if (stop > end) {
                long from = Math.max(place, end);
                long firstId = id + (from - place);
                add(firstId, from, stop - from);
                if (firstId < sealedEnd) {
                    // A replay knows only now where the window ends, and has taken the records for some of this window.
                    putSealed(firstId, stop - from, ordinal + 1);
                }
            }
        }
        if (recentSize == 0) {
            recent = NONE;
        }
    }

    /** Returns the code of the window of a record that is not recent, or {@link #NOWHERE}. */
    long window(long id) {
        int entry = sealedEntry(id);
        return entry < 0 || id >= sealedEnd || codeOf(entry) == NO_WINDOW ? NOWHERE : codeOf(entry);
    }

    private long codeOf(int entry) {
        return sealed[entry] & WINDOW_MASK;
    }

    private static long code(long ordinal) {
        return ordinal % NO_WINDOW;
    }

    /** Returns the ordinal of a window with this code, given the oldest window that exists. */
    static long ordinal(long code, long oldest) {
        return oldest + Math.floorMod(code - oldest, NO_WINDOW);
    }

    private int sealedEntry(long id) {
        int low = 0;
        int high = sealedSize - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (idOf(middle) <= id) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private long idOf(int entry) {
        return base + (sealed[entry] >>> WINDOW_BITS);
    }

    /** Sets the window of records. Newer windows are put after older ones. */
    void putSealed(long id, long count, long ordinal) {
        long end = id + count;
        if (sealedSize == 0) {
            base = id;
            sealedEnd = id;
        } else if (id < base || end - base > MAX_RELATIVE_ID) {
            rebase(id, end);
        }
        int entry = sealedEntry(id);
        if (entry == sealedSize - 1 && end >= sealedEnd) { // at the end: the usual case
            if (id > sealedEnd) {
                addSealed(sealedEnd, NO_WINDOW);
            } else if (entry >= 0 && codeOf(entry) == code(ordinal)) {
                sealedEnd = end;
                return;
            } else if (entry >= 0 && idOf(entry) == id) {
                sealedSize--;
            }
            addSealed(id, code(ordinal));
            sealedEnd = end;
            return;
        }
        overwrite(id, end, ordinal);
    }

    private void addSealed(long id, long code) {
        if (sealedSize == sealed.length) {
            sealed = Arrays.copyOf(sealed, Math.max(4, sealedSize + (sealedSize >> 1)));
        }
        sealed[sealedSize++] = ((id - base) << WINDOW_BITS) | code;
    }

    private void overwrite(long id, long end, long ordinal) {
        long[] before = sealed;
        int size = sealedSize;
        long oldEnd = sealedEnd;
        sealed = new long[size + 2];
        sealedSize = 0;
        int next = 0;
        while (next < size && base + (before[next] >>> WINDOW_BITS) < id) {
            sealed[sealedSize++] = before[next++];
        }
        addSealed(id, code(ordinal));
        long covering = next == 0 ? NO_WINDOW : before[next - 1] & WINDOW_MASK;
        while (next < size && base + (before[next] >>> WINDOW_BITS) <= end) {
            covering = before[next++] & WINDOW_MASK;
        }
        if (end < oldEnd) {
            addSealed(end, covering);
        }
        while (next < size) {
            sealed[sealedSize++] = before[next++];
        }
        sealedEnd = Math.max(oldEnd, end);
    }

    /** Moves the base to a smaller id, or forgets all entries if they are too far away: then none is of this log. */
    private void rebase(long id, long end) {
        long newBase = Math.min(id, base);
        if (Math.max(end, sealedEnd) - newBase > MAX_RELATIVE_ID) {
            sealedSize = 0;
            sealedEnd = id;
            base = id;
            return;
        }
        long shift = (base - newBase) << WINDOW_BITS;
        for (int i = 0; i < sealedSize; i++) {
            sealed[i] += shift;
        }
        base = newBase;
    }

    /** Forgets the records from {@code next} on. */
    void truncate(long next) {
        while (recentSize > 0 && recent[recentSize - RUN] >= next) {
            recentSize -= RUN;
        }
        if (recentSize > 0) {
            int last = recentSize - RUN;
            recent[last + 2] = Math.min(recent[last + 2], next - recent[last]);
        }
        while (sealedSize > 0 && idOf(sealedSize - 1) >= next) {
            sealedSize--;
        }
        sealedEnd = Math.min(sealedEnd, next);
    }

    /** Forgets the records before {@code first}. */
    void trim(long first) {
        int run = 0;
        while (run < recentSize && end(run) <= first) {
            run += RUN;
        }
        if (run > 0) {
            recent = run == recentSize ? NONE : Arrays.copyOfRange(recent, run, recentSize);
            recentSize -= run;
        }
        if (recentSize > 0 && recent[0] < first) {
            long removed = first - recent[0];
            recent[0] += removed;
            recent[1] += removed;
            recent[2] -= removed;
        }
        if (sealedSize > 0 && first >= sealedEnd) {
            sealed = NONE;
            sealedSize = 0;
            return;
        }
        int entry = sealedEntry(first);
        if (entry > 0) {
            sealed = Arrays.copyOfRange(sealed, entry, sealedSize);
            sealedSize -= entry;
            rebaseTo(idOf(0));
        }
    }

    private void rebaseTo(long newBase) {
        long shift = (newBase - base) << WINDOW_BITS;
        for (int i = 0; i < sealedSize; i++) {
            sealed[i] -= shift;
        }
        base = newBase;
    }

    void clear() {
        recent = NONE;
        recentSize = 0;
        sealed = NONE;
        sealedSize = 0;
        sealedEnd = 0;
    }

    /** Returns the smallest ordinal of the windows of these ids, given the oldest window; {@code none} if no entry. */
    long oldestWindow(long first, long next, long oldest, long none) {
        long smallest = none;
        if (first >= sealedEnd) return smallest; // the entries left are of removed records
        for (int i = Math.max(0, sealedEntry(first)); i < sealedSize && idOf(i) < next; i++) {
            if (codeOf(i) != NO_WINDOW) {
                smallest = Math.min(smallest, ordinal(codeOf(i), oldest));
            }
        }
        return smallest;
    }

    /** Returns the smallest place of a recent record; {@code Long.MAX_VALUE} if there is none. */
    long smallestRecentPlace() {
        long smallest = Long.MAX_VALUE;
        for (int run = 0; run < recentSize; run += RUN) {
            smallest = Math.min(smallest, recent[run + 1]);
        }
        return smallest;
    }
}
