/** Inspection: reads a directory in any state, on request every byte of it, for operators of logs. */
@NullMarked
package dev.holdfast.wal.inspect;

import org.jspecify.annotations.NullMarked;
