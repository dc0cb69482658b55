package dev.holdfast.bookkeeper;

/**
 * Measures the time that does not count towards a {@link Deadline}, for example the time during which commit hooks run.
 * Thread-safe; allocates nothing.
 */
final class Pauses {
    /** No pauses: all time counts. */
    static final Pauses NONE = new Pauses();

    // Guarded by this.
    private boolean paused;
    private long sinceNanos;
    private long endedNanos;

    /** Begins a pause, unless one has begun already. */
    synchronized void begin() {
        if (!paused) {
            paused = true;
            sinceNanos = System.nanoTime();
        }
    }

    /** Ends the pause, if there is one. */
    synchronized void end() {
        if (paused) {
            paused = false;
            endedNanos += System.nanoTime() - sinceNanos;
        }
    }

    /** Returns the length of all pauses up to now, in nanoseconds. */
    synchronized long nanos() {
        return paused ? endedNanos + System.nanoTime() - sinceNanos : endedNanos;
    }
}
