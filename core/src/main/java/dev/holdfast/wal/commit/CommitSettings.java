package dev.holdfast.wal.commit;

import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * The settings of a queue and its tail. {@code LogSettings} and {@code Environment} of the room engine define them.
 *
 * @param logName the name of the log, for messages
 * @param recordLimit length of the largest record, in bytes
 */
public record CommitSettings(
        String logName,
        long segmentBytes,
        int recordLimit,
        int alignment,
        boolean syncEachGroup,
        long maxBytesInFlight,
        Executor writing,
        Executor completing,
        Executor removing,
        Executor afterIdleTime,
        LongSupplier nanoTime,
        long idleNanos) {}
