package dev.holdfast.races;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets the two threads of a race start at the same moment. jcstress starts both threads together for many states at a
 * time. Here a state is a whole log, so one thread soon gets ahead, and without this class only one state in a hundred
 * would be a race.
 */
final class Start {
    private static final int THREADS = 2;

    /**
     * The other thread arrives within this time if it has its own processor. Otherwise it may need the processor of
     * this thread.
     */
    private static final long SPIN_NANOS = 50_000;

    private static final long LONGEST_NANOS = 5_000_000;

    private final AtomicInteger here = new AtomicInteger();

    void meet() {
        here.incrementAndGet();
        long began = System.nanoTime();
        for (long waited = 0; here.get() < THREADS && waited < LONGEST_NANOS; waited = System.nanoTime() - began) {
            if (waited < SPIN_NANOS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }
}
