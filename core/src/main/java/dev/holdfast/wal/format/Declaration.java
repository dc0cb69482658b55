package dev.holdfast.wal.format;

/**
 * What the header of a group declares about the log at the time when it is encoded: the durable id and the trim point.
 * Mutable, because both change while a segment is written, and an append must not allocate. Not thread-safe.
 */
public final class Declaration {
    private long durableId;
    private long trimPoint;

    public Declaration(long durableId, long trimPoint) {
        this.durableId = durableId;
        this.trimPoint = trimPoint;
    }

    /** Returns the highest id whose sync has returned. */
    public long durableId() {
        return durableId;
    }

    /** Returns the highest trimmed id, -1 if none. */
    public long trimPoint() {
        return trimPoint;
    }

    /** Declares all records up to an id durable. The caller must have synced them. */
    public void synced(long lastId) {
        durableId = lastId;
    }

    public void trimmed(long lastId) {
        trimPoint = lastId;
    }
}
