package dev.holdfast.bookkeeper;

import java.time.Duration;

/**
 * Limits the bytes and records in flight. An append is in flight from its admission until its call returns or, if it is
 * asynchronous, until the continuations of its future have run. So it is in flight while commit hooks run.
 *
 * <p>The limit of bytes bounds memory. The limit of records, the <em>window</em>, bounds time: bookies should
 * acknowledge an admitted record long before its caller times out. The rate at which bookies acknowledge is unknown, so
 * the window is estimated as congestion control estimates the capacity of a network.
 *
 * <p>The estimate: if {@code n} records were unacknowledged when a batch was admitted, and the batch waited for
 * {@code w}, then bookies acknowledged {@code n} records in {@code w}. In the target time they acknowledge {@code n *
 * target / w}, which becomes the window. The window shrinks at once, but at most doubles with each batch, because a few
 * quick records do not predict the time of many. The target is an eighth of the timeout, which leaves seven eighths for
 * bookies that become slower or fail.
 *
 * <p>Not thread-safe: the lock of {@link AdmissionQueue} guards it.
 */
final class Admission {
    static final long LEAST_RECORDS = 1000;

    private final long maxBytes;
    private final double targetNanos;
    private long bytes;
    private long records;
    private long unacknowledged;
    private double window = LEAST_RECORDS;

    Admission(long maxBytes, Duration timeout) {
        this.maxBytes = maxBytes;
        this.targetNanos = timeout.dividedBy(8).toNanos();
    }

    /**
     * Returns whether a batch may be admitted. A batch larger than a limit is admitted if nothing else is in flight.
     */
    boolean hasRoom(long moreBytes, long moreRecords) {
        return records == 0 || (bytes + moreBytes <= maxBytes && records + moreRecords <= window);
    }

    /** Returns whether a batch of a continuation, which cannot wait, may be admitted: up to twice the limits. */
    boolean hasRoomForContinuation(long moreBytes, long moreRecords) {
        return records == 0 || ((bytes + moreBytes) / 2 <= maxBytes && records + moreRecords <= 2 * window);
    }

    /** Adds an admitted batch; returns the number of unacknowledged records, including this batch. */
    long add(long moreBytes, long moreRecords) {
        bytes += moreBytes;
        records += moreRecords;
        unacknowledged += moreRecords;
        return unacknowledged;
    }

    /**
     * Excludes records from the estimate of the window, because they are acknowledged or refused. They stay in flight
     * until {@link #remove}. If the estimate included them, slow hooks and continuations would widen the window beyond
     * what bookies can acknowledge.
     */
    void removeUnacknowledged(long fewerRecords) {
        unacknowledged -= fewerRecords;
    }

    void remove(long fewerBytes, long fewerRecords) {
        bytes -= fewerBytes;
        records -= fewerRecords;
    }

    /**
     * Adjusts the window when a batch is acknowledged.
     *
     * @param inFlight the number of unacknowledged records when the batch was admitted, including the batch
     * @param waitedNanos the time from the admission of the batch to its acknowledgement
     */
    void acknowledged(long inFlight, long waitedNanos) {
        window = Math.max(LEAST_RECORDS, inFlight * Math.min(2, targetNanos / Math.max(1, waitedNanos)));
    }
}
