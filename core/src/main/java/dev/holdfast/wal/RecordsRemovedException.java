package dev.holdfast.wal;

/** A trim, truncate or reset removed a reader's current record, or the next record that the reader asked for. */
public final class RecordsRemovedException extends LogException {
    private static final long serialVersionUID = 1L;

    private final long firstRemovedId;
    private final long lastRemovedId;

    /** Creates an exception with these ids. For the library and for other implementations of {@link Log}. */
    public RecordsRemovedException(String message, long firstRemovedId, long lastRemovedId) {
        super(message);
        this.firstRemovedId = firstRemovedId;
        this.lastRemovedId = lastRemovedId;
    }

    /** Returns the first id that can no longer be read. */
    public long firstRemovedId() {
        return firstRemovedId;
    }

    /** Returns the last id that is known to be removed, at least {@link #firstRemovedId()}. */
    public long lastRemovedId() {
        return lastRemovedId;
    }
}
