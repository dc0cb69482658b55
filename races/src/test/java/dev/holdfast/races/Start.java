package dev.holdfast.races;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets the two threads of a race begin at the same moment. jcstress starts them together for many states at a time;
 * here a state is a whole log, one thread is soon ahead of the other by more than a race takes, and without this one
 * state in a hundred is a race at all.
 */
final class Start {
    private static final int THREADS = 2;

    /** If the other thread has a processor it is here by then; otherwise it may want this one. */
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
