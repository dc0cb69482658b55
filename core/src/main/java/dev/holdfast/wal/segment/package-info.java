/** Segments: the files of a log, in their chain; finding a record in one, sealing one, making the next. */
@NullMarked
package dev.holdfast.wal.segment;

import org.jspecify.annotations.NullMarked;
