package dev.holdfast.wal.commit;

import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * The settings of a queue and its tail.
 *
 * @param logName the name of the log, for messages
 * @param segmentBytes length to which segments grow, in bytes; a single batch may need more
 * @param recordLimit length of the largest record, in bytes
 * @param alignment each group is padded in the file to a multiple of this number of bytes
 * @param syncEachGroup true if acknowledged means synced, false if acknowledged means written
 * @param maxBytesInFlight maximum number of bytes of appends in flight
 * @param writing runs a leader if no waiting caller can lead
 * @param completing completes futures, one task at a time
 * @param removing removes the files of dead segments at the end of a call
 * @param afterIdleTime runs a task {@code idleNanos} later
 * @param nanoTime a monotonic clock, in nanoseconds
 * @param idleNanos time without an append after which an idle marker is written
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
