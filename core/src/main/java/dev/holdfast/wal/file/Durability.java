package dev.holdfast.wal.file;

/** Defines what an acknowledged record survives. */
public enum Durability {
    /** The record survives power failure and any crash: appends return when it is on stable storage. The default. */
    POWER_LOSS,
    /**
     * The record survives a crash of the process, but not of the operating system: appends return when the operating
     * system has it. The log syncs at every roll, {@code truncate}, {@code trim}, {@code reset}, {@code sync} and
     * {@code close}, and after an idle second. After a power failure the log opens with all whole batches up to some
     * point, at least up to the last sync.
     */
    PROCESS_CRASH
}
