package dev.holdfast.bench.child;

import java.util.concurrent.TimeUnit;

/**
 * The time interval of the measurement. Calls that end in the interval count, and calls that end earlier are warm-up.
 * If no call ends in the interval, the first call that ends later counts, and the interval is extended to its end.
 *
 * @param from the start, by the clock of {@link System#nanoTime}
 */
record Window(long from, long to) {
    static Window startingNow(Task task) {
        long from = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(task.warmUpMillis());
        return new Window(from, from + TimeUnit.MILLISECONDS.toNanos(task.millis()));
    }

    boolean isOver(long now) {
        return now - to >= 0;
    }

    boolean contains(long now) {
        return now - from >= 0 && now - to < 0;
    }

    /** Returns the length of the interval, extended to the last call that was counted. */
    long nanosUntil(long lastCounted) {
        return Math.max(to - from, lastCounted - from);
    }

    void awaitFrom() throws InterruptedException {
        awaitTime(from);
    }

    void awaitTo() throws InterruptedException {
        awaitTime(to);
    }

    private static void awaitTime(long time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time - System.nanoTime());
    }
}
