package dev.holdfast.bench.child;

/** What a child can be asked to do with a log. */
public enum Job {
    /** One record after the other, by so many callers, each of which waits for its own. */
    CALLERS,
    /** As {@link #CALLERS}, on virtual threads. */
    VIRTUAL_CALLERS,
    /** One caller, batches of so many records. */
    BATCHES,
    /** One caller that waits for nothing while fewer than so many records are in flight. */
    ASYNCHRONOUS,
    /** A log of so many bytes is written, and read back again and again. */
    READ_BACK,
    /** A log of so many bytes is written, and single records of it are read in random order. */
    READ_ANYWHERE,
    /** Opens and closes a log that {@link #FILL_AND_HALT} left. */
    OPEN,
    /** Bytes written to the device while the second half of a log of so many bytes is written. */
    WRITTEN_BYTES,
    /** One caller appends, a reader waits at the end. */
    TAIL,
    /** One caller appends, the log is trimmed meanwhile, and each moment's slowest append is kept. */
    TIMELINE,
    /** The newest record is truncated and another appended. */
    TRUNCATE,
    /** Not measured: writes and trims until the log has grown to what it needs. */
    PREPARE,
    /** Not measured: appends in each way for so long, so that the code of none is compiled while it is measured. */
    WARM_UP,
    /** Not measured: writes so many bytes and ends the process without closing the log. */
    FILL_AND_HALT,
    /** Not measured: appends a few records, and marks before and after each what a trace of system calls will show. */
    PROVE,
    /**
     * Not measured: writes so many bytes, flips a bit of some records in the files, and sees whether reading all back
     * notices.
     */
    DAMAGE
}
