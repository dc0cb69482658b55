package dev.holdfast.wal.commit;

import dev.holdfast.wal.threads.Environment;
import java.util.concurrent.RejectedExecutionException;

/**
 * Decides when a log is idle, so that a marker declares its last records durable. Its timer runs only after appends.
 *
 * <p>Methods are called under the queue's lock.
 */
final class IdleMarker {
    private final Environment environment;
    private final Runnable onIdleTime;
    private volatile boolean scheduled;
    private boolean stopped;
    private long lastGroupNanos;
    private long nextTimerNanos;

    /** Creates the timer of a queue. {@code onIdleTime} must call {@link #isDue}. */
    IdleMarker(Environment environment, Runnable onIdleTime) {
        this.environment = environment;
        this.onIdleTime = () -> {
            scheduled = false; // first, so that a later group starts the timer again, even if the rest lacks memory
            onIdleTime.run();
        };
        this.nextTimerNanos = environment.nanoTime().getAsLong();
    }

    void groupWritten() {
        lastGroupNanos = environment.nanoTime().getAsLong();
        schedule();
    }

    private void schedule() {
        if (!scheduled && !stopped && lastGroupNanos - nextTimerNanos >= 0) {
            scheduled = true;
            try {
                environment.afterIdleTime().execute(onIdleTime);
            } catch (OutOfMemoryError | RejectedExecutionException e) {
                scheduled = false;
                // A group after the idle time tries again. Not each group: a failed attempt takes longer than a write.
                nextTimerNanos = lastGroupNanos + Environment.IDLE_NANOS;
            }
        }
    }

    /** Returns whether nothing was appended during the idle time, which is over. Otherwise starts the timer again. */
    boolean isDue(QueuedItems items) {
        if (!stopped
                && items.head() == null
                && environment.nanoTime().getAsLong() - lastGroupNanos >= Environment.IDLE_NANOS) return true;
        schedule();
        return false;
    }

    void stop() {
        stopped = true;
    }
}
