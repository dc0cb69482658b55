/**
 * The ids that a log holds, the id of its next record, and the batches that a log accepts: rules for every log. No I/O.
 */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.ids;
