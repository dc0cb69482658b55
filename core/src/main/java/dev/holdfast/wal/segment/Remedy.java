package dev.holdfast.wal.segment;

/** Parts of messages about damage that tell the user what to do. They name only commands that exist. */
public final class Remedy {
    private Remedy() {}

    /** Returns the remedy for damage in one file: records from {@code firstId} on can be dropped. */
    public static String restoreOrDrop(long firstId) {
        return "Restore the log from a copy, or " + drop(firstId);
    }

    /** Returns how to drop records that are lost. */
    public static String drop(long firstId) {
        return "run `holdfast repair <dir> --drop-from " + firstId + "` to see the cost of giving up record " + firstId
                + " and all later records.";
    }

    /** Returns {@code Record 5} or {@code Records 5 to 9}. */
    public static String records(long firstId, long lastId) {
        return firstId == lastId ? "Record " + firstId : "Records " + firstId + " to " + lastId;
    }

    /** Returns {@code record 5} or {@code records 5 to 9}. */
    public static String recordsInside(long firstId, long lastId) {
        return firstId == lastId ? "record " + firstId : "records " + firstId + " to " + lastId;
    }
}
