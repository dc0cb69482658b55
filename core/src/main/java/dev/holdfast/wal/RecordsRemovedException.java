package dev.holdfast.wal;

/** A cursor stood at, or would have shown next, records that a trim, truncate or reset has removed. */
public final class RecordsRemovedException extends LogException {
    private static final long serialVersionUID = 1L;

    private final long firstRemovedId;
    private final long lastRemovedId;

    /**
     * For the library and for other implementations of {@link Log}.
     *
     * @param firstRemovedId the first id that the cursor can not show
     * @param lastRemovedId the last id known to be removed, at least {@code firstRemovedId}
     */
    public RecordsRemovedException(String message, long firstRemovedId, long lastRemovedId) {
        super(message);
        this.firstRemovedId = firstRemovedId;
        this.lastRemovedId = lastRemovedId;
    }

    /** The first id that the cursor can not show. */
    public long firstRemovedId() {
        return firstRemovedId;
    }

    /** The last id known to be removed. */
    public long lastRemovedId() {
        return lastRemovedId;
    }
}
