package dev.holdfast.bookkeeper;

import org.jspecify.annotations.Nullable;

/**
 * A removal of records at the newer end, or of all of them by a reset or by a start elsewhere. Each cut leads to the
 * next: a cursor keeps the last one it has seen and walks on from there, and a cut that no cursor can reach is garbage.
 */
final class Truncation {
    final long firstRemovedId;
    final long lastRemovedId;

    /** Written before the view that shows it is published. */
    volatile @Nullable Truncation later;

    Truncation(long firstRemovedId, long lastRemovedId) {
        this.firstRemovedId = firstRemovedId;
        this.lastRemovedId = lastRemovedId;
    }
}
