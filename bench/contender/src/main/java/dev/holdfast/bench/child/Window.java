package dev.holdfast.bench.child;

import java.util.concurrent.TimeUnit;

/**
 * The stretch of time that is measured. What ends in it counts; what ends before is warming up. Where nothing ends in
 * it, the first that ends after it counts, and the stretch is that much longer.
 *
 * @param from by the clock of {@link System#nanoTime}
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

    /** How long it was, if what ended then was counted too. */
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
