package dev.holdfast.testkit.explorer;

/**
 * How much of a workload is explored.
 *
 * @param combinations maximum number of outcomes of a power failure at a crash point for which all outcomes are
 *     explored
 * @param samples number of outcomes explored at a crash point that has more outcomes
 * @param tears number of disks with a torn sector per crash point
 * @param depth number of consecutive crashes; 2 means that each recovery is crashed too
 * @param wholeOneIn one recovery in this many is explored completely: every crash point of the recovery and of the
 *     workload that follows; 0 means none
 * @param innerPoints number of crash points that are explored in each of the other recoveries, each with one outcome,
 *     in addition to the end of the workload that follows
 * @param faults maximum number of operations of a workload that are made to fail, for each kind of fault
 * @param faultPoints number of crash points that are explored after each fault
 * @param maxImages limit on the number of images of one exploration
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
    /** Takes about one second per workload. */
    public static final Effort QUICK = new Effort(4, 7, 2, 2, 0, 2, 40, 2, 100_000);

    /** Used by every build. */
    public static final Effort USUAL = new Effort(128, 12, 1, 2, 2, 1, 1_000_000, 2, 1_000_000);

    /** Used for runs of a whole night. */
    public static final Effort THOROUGH = new Effort(256, 80, 16, 3, 6, 4, 1_000_000, 8, 50_000_000);
}
