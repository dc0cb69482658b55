/** Segments, the files of a log, and their chain: creating, writing, sealing, scanning and reading them. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.segment;
