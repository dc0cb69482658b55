/** Segments, the files of a log, and their chain: creating, writing, sealing, scanning and reading them. */
@NullMarked
package dev.holdfast.wal.segment;

import org.jspecify.annotations.NullMarked;
