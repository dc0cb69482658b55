/** Recovery: what a directory holds after any end, torn or corrupt, and the rewrite that makes it a log again. */
@NullMarked
package dev.holdfast.wal.recovery;

import org.jspecify.annotations.NullMarked;
