package dev.holdfast.wal.chain;

import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Fills spares so that appends notice little of it: decision 20. Any thread may call {@link #isBehind}. */
final class SpareFiller {
    /** Bytes that are written at once to a spare that is not urgent. */
    private static final int PIECE_BYTES = 64 << 10;

    /** Unsynced bytes after which such a spare is synced. A sync of fewer bytes slows more appends, each for less. */
    private static final int UNSYNCED_BYTES = 16 << 20;

    /** Part of a spare that should be filled beyond the used part of the tail. */
    private static final double LEAD = 0.05;

    private static final double NOTHING_TO_WAIT_FOR = 1 + LEAD;

    private final GrowthRate growth;
    private final BooleanSupplier stopped;
    private volatile double filled = NOTHING_TO_WAIT_FOR;

    SpareFiller(GrowthRate growth, BooleanSupplier stopped) {
        this.growth = growth;
        this.stopped = stopped;
    }

    /** Notes that a spare is made in the background, and that none of it is filled. */
    void begin() {
        filled = 0;
    }

    /** Notes that no spare is made in the background, or that no append should wait for it. */
    void end() {
        filled = NOTHING_TO_WAIT_FOR;
    }

    /** Returns the filled part of the spare that is made in the background, from 0 to 1, or more after {@link #end}. */
    double filled() {
        return filled;
    }

    /** Returns whether less of the spare is filled than is used of the tail, from 0 to 1, and a lead. */
    boolean isBehind(double used) {
        return filled < used + LEAD;
    }

    /**
     * Fills a file with zeros and syncs it, unless it is stopped. An urgent spare is synced often, so that no append
     * waits for long. Another is written in small pieces with pauses and seldom synced, so that few appends wait.
     *
     * @return whether some of the bytes bypassed the page cache
     */
    boolean fill(WritableFile file, long length, BooleanSupplier urgent) throws IOException {
        byte[] zeros = new byte[(int) Math.min(Layout.CHUNK_BYTES, length)];
        boolean bypassed = false;
        long unsynced = 0;
        int chunk;
        for (long offset = 0; offset < length && !stopped.getAsBoolean(); offset += chunk) {
            boolean bulk = growth.isBulk();
            boolean hasty = bulk || urgent.getAsBoolean();
            chunk = (int) Math.min(length - offset, hasty ? zeros.length : PIECE_BYTES);
            boolean last = offset + chunk == length;
            if (bulk) {
                file.writeSynced(offset, zeros, 0, chunk);
                bypassed = true;
            } else {
                file.write(offset, zeros, 0, chunk);
                unsynced += chunk;
            }
            if (unsynced > 0 && (hasty || last || unsynced >= UNSYNCED_BYTES)) {
                file.sync(); // seam: spare-sync
                unsynced = 0;
            }
            if (filled < NOTHING_TO_WAIT_FOR) filled = (double) (offset + chunk) / length;
            if (!hasty && !last) {
                LockSupport.parkNanos(growth.restNanos(chunk));
            }
        }
        return bypassed;
    }
}
