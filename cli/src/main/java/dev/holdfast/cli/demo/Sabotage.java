package dev.holdfast.cli.demo;

/**
 * Ways to break the log on purpose. They test the demo itself, because a demo that cannot detect a loss proves nothing.
 */
public enum Sabotage {
    NONE,
    /**
     * Part 1: between the kill and the reopening, overwrites the last acknowledged record and the rest of its file with
     * zeros.
     */
    WIPE_LAST_ACKNOWLEDGED,
    /** Part 2: uses a disk that reports every sync as done and does nothing. */
    IGNORE_SYNCS,
    /** Part 2: uses a recovery that returns records without making them durable. */
    UNSYNCED_RECOVERY
}
