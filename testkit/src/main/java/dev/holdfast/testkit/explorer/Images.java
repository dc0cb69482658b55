package dev.holdfast.testkit.explorer;

/**
 * The disks that were made so far, by the digests of their names, lengths and bytes. Those from crash points that were
 * crashed in all the ways there are count apart from those of chance. Thread-safe: several explorers may share it.
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

    /** False if the log was opened on the same disk before, with the same expectation. */
    boolean visit(long key) {
        return add(visits, key);
    }

    /** False if a disk with this digest was made before. */
    boolean add(long digest) {
        return add(digests, digest);
    }

    /** False if a disk with this digest was made before at a crash point that was crashed in all ways. */
    boolean addExhaustive(long digest) {
        return add(exhaustive, digest);
    }

    /** How many disks were made at crash points that were crashed in all ways. */
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
