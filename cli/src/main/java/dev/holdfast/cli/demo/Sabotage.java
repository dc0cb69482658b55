package dev.holdfast.cli.demo;

/** Ways to break the log on purpose: a demo that can not find a loss proves nothing. */
public enum Sabotage {
    NONE,
    /**
     * Part 1: between the kill and the reopening, wipe the last acknowledged record and what follows it from the disk.
     */
    WIPE_LAST_ACKNOWLEDGED,
    /** Part 2: a disk that reports each sync as done and does nothing. */
    IGNORE_SYNCS,
    /** Part 2: a recovery that shows what it found without making it durable. */
    UNSYNCED_RECOVERY
}
