package dev.holdfast.testkit.explorer;

/**
 * How much is explored.
 *
 * @param combinations a crash point with at most so many ways to lose unsynced things is crashed in all of them
 * @param samples in how many ways other crash points are crashed
 * @param tears how many disks with a torn sector are made of each crash point
 * @param depth how many crashes follow each other: 2 crashes each recovery too
 * @param wholeOneIn of so many recoveries one is crashed at all of its crash points, and so is what is done after it;
 *     0: none
 * @param innerPoints how many crash points of each other recovery are crashed, in one way; its end always is
 * @param faults how many of the operations of a workload are made to fail, in each way that there is
 * @param faultPoints how many crash points after each fault are crashed
 * @param maxImages the end of one exploration
 */
public record Effort(
        int combinations,
        int samples,
        int tears,
        int depth,
        int wholeOneIn,
        int innerPoints,
        int faults,
        int faultPoints,
        long maxImages) {
    /** A second or so for each workload. */
    public static final Effort QUICK = new Effort(4, 7, 2, 2, 0, 2, 40, 2, 100_000);

    /** For every build. */
    public static final Effort USUAL = new Effort(128, 12, 1, 2, 2, 1, 1_000_000, 2, 1_000_000);

    /** For a night. */
    public static final Effort THOROUGH = new Effort(256, 80, 16, 3, 6, 4, 1_000_000, 8, 50_000_000);
}
