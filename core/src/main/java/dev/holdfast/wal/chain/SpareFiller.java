package dev.holdfast.wal.chain;

import dev.holdfast.wal.format.Layout;
import dev.holdfast.wal.storage.WritableFile;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Fills spares with zeros so that appends notice little of it: decision 20. Thread-safe. */
final class SpareFiller {
    @SuppressWarnings("UnnecessaryLambda") // the constant names what a call passes
    static final BooleanSupplier URGENT = () -> true;

    /** Bytes that are written at once to a spare that is not urgent. */
    private static final int PIECE_BYTES = 64 << 10;

    /** Unsynced bytes after which such a spare is synced. A sync of fewer bytes slows more appends, each for less. */
    private static final int UNSYNCED_BYTES = 16 << 20;

    private final GrowthRate growth;
    private final BooleanSupplier stopped;

    SpareFiller(GrowthRate growth, BooleanSupplier stopped) {
        this.growth = growth;
        this.stopped = stopped;
    }

    /**
     * Fills a file and syncs it, unless it is stopped. Syncs each chunk of an urgent spare, so that no append waits for
     * more. A spare that is not urgent is written in small pieces with pauses and seldom synced, so that few appends
     * wait.
     */
    void fill(WritableFile file, long length, BooleanSupplier urgent) throws IOException {
        byte[] zeros = new byte[(int) Math.min(Layout.CHUNK_BYTES, length)];
        long unsynced = 0;
        int chunk;
        for (long offset = 0; offset < length && !stopped.getAsBoolean(); offset += chunk) {
            boolean hasty = urgent.getAsBoolean();
            chunk = (int) Math.min(length - offset, hasty ? zeros.length : PIECE_BYTES);
            boolean last = offset + chunk == length;
            file.write(offset, zeros, 0, chunk);
            unsynced += chunk;
            if (hasty || last || unsynced >= UNSYNCED_BYTES) {
                file.sync(); // seam: spare-sync
                unsynced = 0;
            }
            if (!hasty && !last) {
                LockSupport.parkNanos(growth.restNanos(chunk));
            }
        }
    }
}
