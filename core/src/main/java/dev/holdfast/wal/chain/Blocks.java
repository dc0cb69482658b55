package dev.holdfast.wal.chain;

/** Whether this log has written every block of a file. Another file may have holes. */
public enum Blocks {
    PROVEN,
    UNPROVEN
}
