/** Committing: the queue, when a group is written and synced, and the tail that it is written to. */
@NullMarked
package dev.holdfast.wal.commit;

import org.jspecify.annotations.NullMarked;
