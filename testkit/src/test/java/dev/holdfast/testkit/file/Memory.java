package dev.holdfast.testkit.file;

/**
 * The memory of code that a {@link StarvingLoader} has loaded: it asks here before it allocates anything, and may be
 * told that there is none.
 */
public final class Memory {
    private static long asked;
    private static long from = Long.MAX_VALUE;
    private static long to;

    private Memory() {}

    /** Counts from zero, and has none for those who ask between these two times, both included. */
    static synchronized void refuse(long first, long last) {
        asked = 0;
        from = first;
        to = last;
    }

    /** Has enough again; how often it was asked. */
    static synchronized long recover() {
        long times = asked;
        from = Long.MAX_VALUE;
        return times;
    }

    /** Called before each allocation. */
    public static synchronized void ask() {
        if (++asked >= from && asked <= to) {
            throw new OutOfMemoryError("refused by the test, the time it was asked: " + asked);
        }
    }
}
