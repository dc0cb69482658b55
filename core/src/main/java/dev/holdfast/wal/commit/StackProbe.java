package dev.holdfast.wal.commit;

/**
 * Finds out whether the calling thread has the stack that a call needs, while the call has not changed anything yet.
 *
 * <p>A {@link StackOverflowError} may be thrown wherever a method is called, also by the JDK between the taking of a
 * lock and what it guards, and to undo that takes stack, too. So each call first goes down as deep as it may have to. A
 * level takes 45 bytes where it is compiled, more than twice as many where it is interpreted, and 2 ns.
 */
enum StackProbe {
    /** Queues an append that another thread writes. */
    QUEUE(24),
    /** Writes as well, and makes threads. */
    WRITE(100),
    /** Makes, renames and removes files as well. */
    CHANGE(300);

    private final int levels;

    StackProbe(int levels) {
        this.levels = levels;
    }

    /** Throws {@link StackOverflowError} unless there is as much. */
    void check() {
        dig(levels, 1, 2, 3, 4);
    }

    /** The numbers are used after the call, so that they take stack whatever a compiler makes of it. */
    private static long dig(int levels, long a, long b, long c, long d) {
        return levels == 0 ? a : dig(levels - 1, b + 1, c, d, a) + a + b + c + d;
    }
}
