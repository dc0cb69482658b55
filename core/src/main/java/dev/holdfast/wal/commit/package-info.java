/** Committing: the queue of appends and other changes, and the tail that writes them. */
@NullMarked
package dev.holdfast.wal.commit;

import org.jspecify.annotations.NullMarked;
