package dev.holdfast.wal.store;

/**
 * A window that has ended and whose index record is not written yet.
 *
 * @param start the first place of the window
 * @param end the place after its last one
 */
record Boundary(long start, long end) {}
