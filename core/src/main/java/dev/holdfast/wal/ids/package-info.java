/** The ids that a log holds and the id of its next record: the same rules for every log. No I/O. */
@NullMarked
package dev.holdfast.wal.ids;

import org.jspecify.annotations.NullMarked;
