/**
 * Inspection of a log's directory for operators, even if the log is damaged or being written. On request reads every
 * byte.
 */
@NullMarked
package dev.holdfast.wal.inspect;

import org.jspecify.annotations.NullMarked;
