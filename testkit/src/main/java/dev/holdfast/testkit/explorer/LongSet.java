package dev.holdfast.testkit.explorer;

import java.util.Arrays;

/** A set of digests (64-bit hashes). Uses open addressing because a set holds millions of digests. */
final class LongSet {
    private long[] slots = new long[1024];
    private int size;

    /** Adds a number. Returns false if the set already contains the number. */
    boolean add(long number) {
        long stored = number == 0 ? 1 : number; // 0 marks a free slot
        if (!insert(slots, stored)) {
            return false;
        }
        size++;
        if (size > slots.length / 4 * 3) {
            long[] larger = new long[slots.length * 2];
            Arrays.stream(slots).filter(old -> old != 0).forEach(old -> insert(larger, old));
            slots = larger;
        }
        return true;
    }

    private static boolean insert(long[] into, long number) {
        int slot = (int) (number ^ number >>> 32) & into.length - 1;
        while (into[slot] != 0) {
            if (into[slot] == number) {
                return false;
            }
            slot = slot + 1 & into.length - 1;
        }
        into[slot] = number;
        return true;
    }

    int size() {
        return size;
    }
}
