package dev.holdfast.wal.chain;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast a log grows, which decides how its files are made: decision 20. Only the writer of the log calls
 * {@link #start}, {@link #wrote}, {@link #rolls} and {@link #fillNext}. Any thread may call the other methods.
 */
public final class GrowthRate {
    /** Bytes of large groups a second from which a log grows in bulk. */
    private static final double BULK_RATE = 100e6;

    /** Nanoseconds a byte that are assumed before the first roll: 16 MB/s. */
    private static final double FIRST_NANOS = 60;

    /** Maximum pause after a piece of a spare. */
    private static final long LONGEST_REST_NANOS = 20_000_000;

    /** How many times faster than the log grows a spare is filled: it begins when a quarter of the tail is used. */
    private static final double FASTER = 4;

    /** Number of rolls without a trim after which a log is assumed to grow only. */
    private static final int ROLLS_WITHOUT_TRIM = 32;

    /** A roll takes a file with holes if this number of segments is free, as far as the file system says. */
    private static final int ROOM = 6;

    private long startNanos;
    private long largeBytes;
    private final AtomicLong rollsSinceTrim = new AtomicLong(ROLLS_WITHOUT_TRIM);
    private volatile boolean bulk;
    private volatile boolean holes;
    private volatile double nanosPerByte = FIRST_NANOS;

    /** Begins to measure a segment. The time that a roll waited for its file does not count. */
    void start(long nanoTime) {
        startNanos = nanoTime;
    }

    /** Notes that a group was written and synced that was large enough to fill holes. */
    public void wrote(long bytes) {
        largeBytes += bytes;
    }

    /** Notes that a segment is full, and that its roll needs a file of this length, with this much free disk. */
    void rolls(long fileLength, long freeBytes, long nanoTime) {
        long elapsed = nanoTime - startNanos;
        bulk = elapsed > 0 && largeBytes * 1e9 > BULK_RATE * elapsed;
        holes = freeBytes / ROOM >= fileLength;
        largeBytes = 0;
        nanosPerByte = (double) Math.max(0, elapsed) / fileLength;
        rollsSinceTrim.incrementAndGet();
    }

    /** Notes that a trim removes segments, whose files become spares. */
    void trimmed() {
        rollsSinceTrim.set(0);
    }

    /** Makes the next roll take a file without holes, because the disk has no room to fill those of the tail. */
    public void fillNext() {
        largeBytes = 0;
        holes = false;
    }

    /** Returns whether the last segment was written at 100 MB/s or more, in large groups. */
    boolean isBulk() {
        return bulk;
    }

    /** Returns whether rolls take files with holes: in bulk, with room on the disk, and no trim of late. */
    boolean takesHoles() {
        return bulk && holes && rollsSinceTrim.get() > ROLLS_WITHOUT_TRIM;
    }

    /** Returns the pause after a piece of a spare. Spares are thus filled some times faster than segments are used. */
    long restNanos(int pieceBytes) {
        return (long) Math.min(LONGEST_REST_NANOS, pieceBytes * nanosPerByte / FASTER);
    }
}
