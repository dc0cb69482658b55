package dev.holdfast.testkit.disk;

/**
 * One operation that changes a {@link CrashDisk}.
 *
 * @param number position among all operations that change the disk, counted from 0
 * @param kind what the operation does
 * @param name the file's name, or the name that is created, renamed or deleted; empty for a sync of the names
 * @param offset where a write begins, in bytes
 * @param length number of bytes that are written
 */
public record DiskStep(long number, Kind kind, String name, long offset, int length) {
    /** Kinds of operations. */
    public enum Kind {
        CREATE,
        RENAME,
        DELETE,
        WRITE,
        WRITE_SYNCED,
        SYNC_FILE,
        SYNC_NAMES
    }

    /** Moments within an operation at which a crash can happen. */
    public enum Moment {
        /** The operation has not changed anything yet. */
        BEFORE,
        /**
         * Some of the written bytes are visible. A power failure at this moment leaves nothing that it cannot leave at
         * {@link #WRITTEN}; a kill does.
         */
        WITHIN,
        /** A write that also syncs has made its bytes visible, but they are not on stable storage yet. */
        WRITTEN,
        /** The operation has completed or failed, but its caller has not been notified. */
        AFTER
    }

    @Override
    public String toString() {
        return switch (kind) {
            case WRITE, WRITE_SYNCED -> kind + " " + name + " " + length + " bytes at " + offset;
            case SYNC_NAMES -> kind.toString();
            default -> kind + " " + name;
        };
    }
}
