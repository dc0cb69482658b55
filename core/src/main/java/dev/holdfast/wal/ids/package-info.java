/** The ids that a log holds and the id of its next record: the same rules for every log. No I/O. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.ids;
