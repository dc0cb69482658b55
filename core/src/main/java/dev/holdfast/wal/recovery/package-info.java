/** Recovery: reads a directory after any kind of end, tells torn from corrupt, and makes the log ready for writing. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.recovery;
