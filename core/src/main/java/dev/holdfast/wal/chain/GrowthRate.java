package dev.holdfast.wal.chain;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How fast a log uses up files, which decides how its spares are made: decision 20. Only the writer of the log calls
 * {@link #start}, {@link #wrote} and {@link #rolled}. Any thread may call the other methods.
 */
public final class GrowthRate {
    /** Bytes of synced groups a second from which a log grows in bulk. */
    private static final double BULK_RATE = 100e6;

    /** Maximum number and bytes of the spares that are made ahead. */
    private static final int MOST_AHEAD = Spares.WANTED - Spares.RESERVED;

    private static final long MOST_AHEAD_BYTES = 256 << 20;

    /** Nanoseconds a byte that are assumed before the first roll: 16 MB/s. */
    private static final double FIRST_NANOS = 60;

    /** Maximum pause after a piece of a spare. */
    private static final long LONGEST_REST_NANOS = 20_000_000;

    /** How many times faster than the log grows a spare is filled: it begins when a quarter of the tail is used. */
    private static final double FASTER = 4;

    /** Number of rolls without a recycled segment after which a log is assumed to grow only. */
    private static final int ROLLS_WITHOUT_RECYCLING = 32;

    private long rolledNanos;
    private long syncedBytes;
    private final AtomicLong rollsSinceRecycled = new AtomicLong(ROLLS_WITHOUT_RECYCLING);
    private final AtomicLong rolledBytes = new AtomicLong();
    private volatile boolean bulk;
    private volatile double nanosPerByte = FIRST_NANOS;

    /** Begins to measure. */
    void start(long nanoTime) {
        rolledNanos = nanoTime;
    }

    /**
     * Notes that a group was written and synced. Padding does not count, so a log does not stay in bulk only because it
     * pads its groups.
     */
    public void wrote(long bytes) {
        syncedBytes += bytes;
    }

    /** Notes that a roll took a file of this length. */
    void rolled(long fileLength, long nanoTime) {
        long elapsed = nanoTime - rolledNanos;
        bulk = elapsed > 0 && syncedBytes * 1e9 > BULK_RATE * elapsed;
        syncedBytes = 0;
        nanosPerByte = (double) Math.max(0, elapsed) / fileLength;
        rolledNanos = nanoTime;
        rollsSinceRecycled.incrementAndGet();
        rolledBytes.addAndGet(fileLength);
    }

    /** Notes that a removed segment became a spare. */
    void recycled() {
        rollsSinceRecycled.set(0);
    }

    /** Returns whether the groups of the last segment were written and synced so fast that the log grows in bulk. */
    boolean isBulk() {
        return bulk;
    }

    /** Returns the pause after a piece of a spare. Spares are thus filled some times faster than segments are used. */
    long restNanos(int pieceBytes) {
        return (long) Math.min(LONGEST_REST_NANOS, pieceBytes * nanosPerByte / FASTER);
    }

    /** Returns whether the next spares should be made at once: in bulk, if the log has recycled no segment of late. */
    public boolean isHurried() {
        return bulk && rollsSinceRecycled.get() >= ROLLS_WITHOUT_RECYCLING;
    }

    /** Returns the number of spares to make ahead. */
    int wantedAhead(long length) {
        if (!isHurried()) return 1;
        return (int) Math.max(1, Math.min(MOST_AHEAD, Math.min(MOST_AHEAD_BYTES, rolledBytes.get()) / length));
    }

    /** Returns whether the disk has room for one more spare ahead, and as many again for others. */
    static boolean isRoomAhead(long freeBytes, long length) {
        return freeBytes >= 2 * MOST_AHEAD * length;
    }
}
