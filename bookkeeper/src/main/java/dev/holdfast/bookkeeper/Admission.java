package dev.holdfast.bookkeeper;

import java.time.Duration;

/**
 * How much may be in flight, from the call of an append until its caller is told: until it returns, or until the
 * continuations of its future have run. Bytes are limited by what memory they may take. Records are limited by time:
 * one that is admitted must be acknowledged long before its caller has waited too long, and how many bookies take until
 * then only they can tell.
 *
 * <p>So a window is kept as on a network that nobody knows. If a batch came in when {@code n} records were in flight
 * and waited {@code w}, then {@code n} were acknowledged in {@code w}, and in the time that appends should take at most
 * it will be {@code target / w} times as many. The window follows that downwards at once, and upwards at most by
 * doubling, since from few records that were quick nothing follows for many. A target of an eighth of the timeout
 * leaves seven eighths for bookies that become slower, or fail.
 *
 * <p>Not thread-safe: its user's lock guards it.
 */
final class Admission {
    static final long LEAST_RECORDS = 1000;

    private final long maxBytes;
    private final double targetNanos;
    private long bytes;
    private long records;
    private double window = LEAST_RECORDS;

    Admission(long maxBytes, Duration timeout) {
        this.maxBytes = maxBytes;
        this.targetNanos = timeout.dividedBy(8).toNanos();
    }

    /** Whether a batch may come in; one that is larger than the limit comes in alone. */
    boolean hasRoom(long moreBytes, long moreRecords) {
        return records == 0 || (bytes + moreBytes <= maxBytes && records + moreRecords <= window);
    }

    /**
     * Whether a batch of a continuation may come in, which cannot wait: beyond the limits there is as much again for
     * these.
     */
    boolean hasRoomForContinuation(long moreBytes, long moreRecords) {
        return records == 0 || ((bytes + moreBytes) / 2 <= maxBytes && records + moreRecords <= 2 * window);
    }

    /** A batch comes in; how many records are in flight with it. */
    long add(long moreBytes, long moreRecords) {
        bytes += moreBytes;
        records += moreRecords;
        return records;
    }

    void remove(long fewerBytes, long fewerRecords) {
        bytes -= fewerBytes;
        records -= fewerRecords;
    }

    /** A batch is acknowledged that came in when so many records were in flight, with it, and has waited so long. */
    void acknowledged(long inFlight, long waitedNanos) {
        window = Math.max(LEAST_RECORDS, inFlight * Math.min(2, targetNanos / Math.max(1, waitedNanos)));
    }
}
