package dev.holdfast.wal.store;

import dev.holdfast.wal.LogStats;

/**
 * Figures of a store at one moment. Later versions may add figures.
 *
 * @param logs number of logs
 * @param liveBytes bytes of the shared log that hold live records; an estimate after removals
 * @param keptBytes bytes of the records in the shared log that are not trimmed
 * @param windows number of windows of the shared log
 * @param movedBytes bytes of records that were appended again since the store was opened, so that the shared log could
 *     be trimmed
 * @param appendWaits number of appends since the store was opened that waited because too much of the shared log is
 *     dead
 * @param shared figures of the shared log
 */
public record LogStoreStats(
        int logs, long liveBytes, long keptBytes, int windows, long movedBytes, long appendWaits, LogStats shared) {
    /** Returns the bytes of the shared log that hold nothing live. */
    public long deadBytes() {
        return Math.max(0, keptBytes - liveBytes);
    }
}
