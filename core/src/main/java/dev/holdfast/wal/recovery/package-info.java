/** Recovery: reads a directory after any kind of end, tells torn from corrupt, and makes the log ready for writing. */
@NullMarked
package dev.holdfast.wal.recovery;

import org.jspecify.annotations.NullMarked;
