package dev.holdfast.wal.memory;

import org.jspecify.annotations.Nullable;

/**
 * A removal of the newest records by a truncation, or of all records by a reset or by an append that starts at another
 * id. The cuts are a linked list. A cursor keeps the last cut it has seen and continues there; a cut that no cursor can
 * reach is garbage-collected.
 */
final class Cut {
    final long firstRemovedId;
    final long lastRemovedId;

    @Nullable
    Cut later;

    Cut(long firstRemovedId, long lastRemovedId) {
        this.firstRemovedId = firstRemovedId;
        this.lastRemovedId = lastRemovedId;
    }
}
