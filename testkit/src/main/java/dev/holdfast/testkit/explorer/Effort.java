package dev.holdfast.testkit.explorer;

/**
 * How much is explored.
 *
 * @param imagesPerPoint how many disks are made of each crash point of a workload, the kill included
 * @param depth how many crashes follow each other: 2 crashes each recovery too
 * @param innerPoints how many crash points of each recovery, and of what is done after it, are crashed; its end always is
 * @param innerImages how many disks are made of each of these
 * @param faults how many of the operations of a workload are made to fail, in each way that there is
 * @param faultPoints how many crash points after each fault are crashed
 * @param maxImages the end of one exploration
 */
public record Effort(
        int imagesPerPoint, int depth, int innerPoints, int innerImages, int faults, int faultPoints, long maxImages) {
    /** A second or so for each workload. */
    public static final Effort QUICK = new Effort(8, 2, 2, 1, 40, 2, 100_000);

    /** For every build. */
    public static final Effort USUAL = new Effort(20, 2, 4, 2, 200, 4, 1_000_000);

    /** For a night. */
    public static final Effort THOROUGH = new Effort(80, 3, 6, 4, 1000, 8, 50_000_000);
}
