/** The bytes of one segment, the file of a log: writing, sealing, scanning and reading its groups and records. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.segment;
