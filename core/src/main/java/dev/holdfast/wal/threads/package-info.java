/** The daemon threads of logs. */
@NullMarked
package dev.holdfast.wal.threads;

import org.jspecify.annotations.NullMarked;
