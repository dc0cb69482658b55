package dev.holdfast.wal.file;

/** What an acknowledged record survives. */
public enum Durability {
    /** Power failure, and everything less: appends return when their records are on stable storage. The default. */
    POWER_LOSS,
    /**
     * The end of the process, but not of the operating system: appends return when the operating system has their
     * records. Rolls, {@code truncate}, {@code trim}, {@code reset}, {@code sync}, {@code close} and an idle second
     * sync. After a power failure the log opens with whole batches up to some point, at least everything before the
     * last of these.
     */
    PROCESS_CRASH
}
