/** Committing: the queue of appends and other changes, and the tail that writes them. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.commit;
