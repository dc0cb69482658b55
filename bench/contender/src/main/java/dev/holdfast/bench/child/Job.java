package dev.holdfast.bench.child;

/** A job that a child process does with a log. The depth and the size of the log are in the {@link Task}. */
public enum Job {
    /** Callers append single records. Each caller waits for its append before it makes the next. */
    CALLERS,
    /** As {@link #CALLERS}, on virtual threads. */
    VIRTUAL_CALLERS,
    /** As {@link #CALLERS}; each record is applied in id order before its append returns. */
    APPLYING_CALLERS,
    /** As {@link #CALLERS}; each caller appends asynchronously and waits for the future of its append. */
    FUTURE_CALLERS,
    /** One caller appends batches. */
    BATCHES,
    /** One caller appends asynchronously and waits only if the limit of records in flight is reached. */
    ASYNCHRONOUS,
    /** As {@link #BATCHES}, in a fresh log, until it has a given size. */
    GROW_BATCHES,
    /** As {@link #CALLERS}, in a fresh log, until it has a given size. */
    GROW_CALLERS,
    /** As {@link #ASYNCHRONOUS}, in a fresh log, until it has a given size. */
    GROW_IN_FLIGHT,
    /** Callers make calls that are due at a fixed rate. A call that begins late has a longer latency. */
    OPEN_LOOP,
    /** Many logs in this process: opens them, looks at them while they are idle, then appends to all of them. */
    MANY_LOGS,
    /** A log of many small segments: opens it, appends to it, reads single records, and trims half of it. */
    MANY_SEGMENTS,
    /** One caller appends while a reader in another process waits at the end. */
    FOLLOW,
    /** Writes a log, then reads all of it repeatedly. */
    READ_BACK,
    /** Writes a log, then reads single records in random order. */
    READ_ANYWHERE,
    /** Opens and closes a log that {@link #FILL_AND_HALT} left. */
    OPEN,
    /** Counts the bytes that the device receives while the second half of a log is written. */
    WRITTEN_BYTES,
    /** One caller appends while a reader waits at the end. */
    TAIL,
    /** One caller appends while the log is trimmed. Keeps the slowest append of each interval. */
    TIMELINE,
    /** Truncates the newest record and appends another. */
    TRUNCATE,
    /** Not measured: appends and trims until the log has grown to its steady state. */
    PREPARE,
    /** Not measured: appends in each way for some time, so that no code is compiled during the measurement. */
    WARM_UP,
    /** Not measured: fills a log and ends the process without closing it. */
    FILL_AND_HALT,
    /**
     * Not measured: appends a few records, and writes marks into the system call trace before and after each append.
     */
    PROVE,
    /**
     * Not measured: fills a log, flips a bit of some records in its files, and tests whether reading all records
     * detects the damage.
     */
    DAMAGE
}
