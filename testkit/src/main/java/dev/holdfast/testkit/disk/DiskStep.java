package dev.holdfast.testkit.disk;

/**
 * One operation that changes a {@link CrashDisk}.
 *
 * @param number its place among all operations of the disk, from 0
 * @param kind what it does
 * @param name the file's name, or what is created, renamed or deleted; empty for a sync of the names
 * @param offset where a write begins, in bytes
 * @param length how much it writes, in bytes
 */
public record DiskStep(long number, Kind kind, String name, long offset, int length) {
    /** What an operation does. */
    public enum Kind {
        CREATE,
        RENAME,
        DELETE,
        WRITE,
        WRITE_SYNCED,
        SYNC_FILE,
        SYNC_NAMES
    }

    /** When within an operation a crash happens. */
    public enum Moment {
        /** Nothing of it has been done. */
        BEFORE,
        /** Some of the bytes of a write are visible. Only a kill can tell this from {@link #WRITTEN}. */
        WITHIN,
        /** The bytes of a synced write are visible, and not yet on stable storage. */
        WRITTEN,
        /** It has been done, or has failed; its caller has not been told. */
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
