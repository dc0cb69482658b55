package dev.holdfast.bookkeeper;

import java.time.Duration;

/**
 * Limits the bytes and records in flight. An append is in flight from its admission until its call returns or, if it is
 * asynchronous, until the continuations of its future have run. Commit hooks run before that, so the append is in
 * flight while they run.
 *
 * <p>The limit of bytes bounds memory. The limit of records, the <em>window</em>, bounds time: bookies should
 * acknowledge an admitted record long before its caller times out. The rate at which bookies acknowledge is unknown, so
 * the window is estimated as congestion control estimates the capacity of a network.
 *
 * <p>The estimate: if {@code n} records were unacknowledged when a batch was admitted, and the batch was acknowledged
 * after a time {@code w}, then bookies acknowledge {@code n} records in {@code w}. In the target time, bookies would
 * acknowledge {@code n * target / w} records. This number becomes the window. The window shrinks at once, but at most
 * doubles with each batch, because a few quick records do not predict the time of many. The target is an eighth of the
 * timeout, which leaves seven eighths for bookies that become slower or fail.
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
     * Returns whether there is room for a batch: whether both limits hold after its admission. If nothing else is in
     * flight, there is room for a batch of any size.
     */
    boolean hasRoom(long moreBytes, long moreRecords) {
        return records == 0 || (bytes + moreBytes <= maxBytes && records + moreRecords <= window);
    }

    /**
     * Returns whether there is room for a batch that a future's continuation appends. A continuation cannot wait for
     * room, so twice the limits apply.
     */
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
     * Subtracts records that were acknowledged or refused from the number of unacknowledged records. The records stay
     * in flight until {@link #remove}. If they still counted as unacknowledged, slow hooks and continuations would
     * widen the window beyond what bookies can acknowledge.
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
