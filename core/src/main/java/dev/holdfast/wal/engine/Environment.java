package dev.holdfast.wal.engine;

import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * What a log does beside its callers' threads, and where it gets time and chance from. Passed in, so that a simulation
 * can run everything on one thread, at points it chooses, and replay it.
 *
 * @param writing leads a group of appends where no caller waits for one ({@code appendAsync})
 * @param completing completes futures, one task after the other in the order given
 * @param maintaining makes spares
 * @param afterIdleTime runs a task once, one {@link #IDLE_NANOS} later
 * @param nanoTime a monotonic clock in nanoseconds
 * @param random unpredictable 64-bit numbers: salts and the log's identity
 * @param stop called once by {@code close()}: tasks already given still run, no thread is left behind
 */
public record Environment(
        Executor writing,
        Executor completing,
        Executor maintaining,
        Executor afterIdleTime,
        LongSupplier nanoTime,
        LongSupplier random,
        Runnable stop) {
    /** How long a log waits without an append before it writes a marker. */
    public static final long IDLE_NANOS = 1_000_000_000L;
}
