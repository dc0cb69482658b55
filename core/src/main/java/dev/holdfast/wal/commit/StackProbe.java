package dev.holdfast.wal.commit;

/**
 * Checks that the calling thread has enough stack for a call, before the call changes anything.
 *
 * <p>A {@link StackOverflowError} can be thrown at any method call, even inside the JDK between taking a lock and using
 * it, and undoing a change needs stack, too. Therefore each call first recurses as deep as it may need later. One level
 * of the recursion takes 45 bytes of stack in compiled code, more than twice that in interpreted code, and 2 ns.
 */
enum StackProbe {
    /** Stack to queue an append that another thread writes. */
    QUEUE(24),
    /** Stack to write a group and to create threads as well. */
    WRITE(100),
    /** Stack to create, rename and remove files as well. */
    CHANGE(300);

    private final int levels;

    StackProbe(int levels) {
        this.levels = levels;
    }

    /** Throws {@link StackOverflowError} if there is not enough stack. */
    void check() {
        dig(levels, 1, 2, 3, 4);
    }

    /** Recurses. Uses its arguments after the recursive call, so that every compiler keeps them on the stack. */
    private static long dig(int levels, long a, long b, long c, long d) {
        return levels == 0 ? a : dig(levels - 1, b + 1, c, d, a) + a + b + c + d;
    }
}
