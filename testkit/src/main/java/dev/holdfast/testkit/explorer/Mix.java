package dev.holdfast.testkit.explorer;

/** Combines several numbers into a seed or a hash. */
final class Mix {
    private Mix() {}

    static long of(long a, long b) {
        long mixed = (a ^ b * 0x9E3779B97F4A7C15L) + 0x632BE59BD9B4E019L;
        mixed = (mixed ^ mixed >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }
}
