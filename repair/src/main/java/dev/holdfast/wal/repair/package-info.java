/**
 * Repair of a damaged log, so that it opens again without the records that the caller agrees to lose. No file is
 * deleted.
 */
@NullMarked
package dev.holdfast.wal.repair;

import org.jspecify.annotations.NullMarked;
