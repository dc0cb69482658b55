/** The log in a directory of a file system: opening, options, and the report of recovery. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.file;
