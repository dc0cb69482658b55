package dev.holdfast.testkit.file;

/**
 * Simulates the memory of code that a {@link StarvingLoader} has loaded. The code calls {@link #ask} before each
 * allocation, which may throw {@link OutOfMemoryError}.
 */
public final class Memory {
    private static long asked;
    private static long from = Long.MAX_VALUE;
    private static long to;

    private Memory() {}

    /** Resets the counter and refuses the allocations numbered {@code first} to {@code last}, both included. */
    static synchronized void refuse(long first, long last) {
        asked = 0;
        from = first;
        to = last;
    }

    /** Grants all allocations again. Returns the number of allocations since {@link #refuse}. */
    static synchronized long recover() {
        long times = asked;
        from = Long.MAX_VALUE;
        return times;
    }

    /** Called before each allocation. */
    public static synchronized void ask() {
        if (++asked >= from && asked <= to) {
            throw new OutOfMemoryError("simulated: allocation number " + asked + " was refused");
        }
    }
}
