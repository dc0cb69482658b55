package dev.holdfast.wal.memory;

import org.jspecify.annotations.Nullable;

/**
 * A removal of the newest records by a truncation, or of all records. The cuts form a linked list. A cursor keeps the
 * last cut it has seen and continues there. A cut that no cursor can reach is garbage-collected.
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
