/** Which ids a log holds and which one comes next: the table that every log obeys, without any I/O. */
@NullMarked
package dev.holdfast.wal.ids;

import org.jspecify.annotations.NullMarked;
