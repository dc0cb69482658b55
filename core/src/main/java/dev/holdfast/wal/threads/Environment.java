package dev.holdfast.wal.threads;

import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * The executors, clock and random numbers of a log. They are parameters, so that a simulation can run everything on one
 * thread, at moments of its choice, and repeat the run.
 *
 * @param writing runs a leader if no caller waits for an append ({@code appendAsync})
 * @param completing completes futures; the log submits one task at a time, and reserves a thread if these are
 *     {@code ReservedThreads}
 * @param maintaining prepares spares, and removes the dead files of appends
 * @param removing removes the files of dead segments at the end of a truncate, trim or reset
 * @param afterIdleTime runs a task once, {@link #IDLE_NANOS} later
 * @param nanoTime a monotonic clock, in nanoseconds
 * @param random unpredictable 64-bit numbers, for salts and the identity of the log
 * @param stop called once by {@code close()}; tasks submitted before still run, and then the log uses no thread
 */
public record Environment(
        Executor writing,
        Executor completing,
        Executor maintaining,
        Executor removing,
        Executor afterIdleTime,
        LongSupplier nanoTime,
        LongSupplier random,
        Runnable stop) {
    /** Time without an append after which a log writes a marker. */
    public static final long IDLE_NANOS = 1_000_000_000L;
}
