package dev.holdfast.bookkeeper;

import org.jspecify.annotations.Nullable;

/**
 * A removal of the newest records by a truncate, or of all records by a reset or by an append that starts an empty log
 * at another id.
 *
 * <p>Each truncation links to the next one. A cursor keeps the last truncation that it has seen and follows the links
 * from there. A truncation that no cursor can reach any more is garbage-collected.
 */
final class Truncation {
    final long firstRemovedId;
    final long lastRemovedId;

    /**
     * The next truncation; null if there is none yet. It is set before the view that includes the next truncation is
     * published.
     */
    volatile @Nullable Truncation later;

    Truncation(long firstRemovedId, long lastRemovedId) {
        this.firstRemovedId = firstRemovedId;
        this.lastRemovedId = lastRemovedId;
    }
}
