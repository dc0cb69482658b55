package dev.holdfast.testkit.explorer;

/**
 * Set of the disks created so far. A disk is identified by a hash of its names, lengths and bytes. Disks from crash
 * points that are explored in every way are counted separately from disks chosen by chance. Thread-safe, so several
 * explorers can share the set.
 */
final class Images {
    private static final int STRIPES = 64;

    private final LongSet[] visits = sets();
    private final LongSet[] digests = sets();
    private final LongSet[] exhaustive = sets();

    private static LongSet[] sets() {
        LongSet[] sets = new LongSet[STRIPES];
        for (int i = 0; i < STRIPES; i++) {
            sets[i] = new LongSet();
        }
        return sets;
    }

    /**
     * Adds a disk and its expectation. Returns false if the log was already opened on the same disk with the same
     * expectation.
     */
    boolean visit(long key) {
        return add(visits, key);
    }

    /** Adds the digest of a disk. Returns false if a disk with this digest was created before. */
    boolean add(long digest) {
        return add(digests, digest);
    }

    /**
     * Adds the digest of a disk from a crash point that is explored in every way. Returns false if such a crash point
     * created a disk with this digest before.
     */
    boolean addExhaustive(long digest) {
        return add(exhaustive, digest);
    }

    /** Returns the number of distinct disks created at crash points that are explored in every way. */
    long exhaustive() {
        long size = 0;
        for (LongSet set : exhaustive) {
            synchronized (set) {
                size += set.size();
            }
        }
        return size;
    }

    private static boolean add(LongSet[] sets, long number) {
        LongSet set = sets[(int) (number >>> 58)];
        synchronized (set) {
            return set.add(number);
        }
    }
}
