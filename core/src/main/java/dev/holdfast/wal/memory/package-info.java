/** A log in memory: a model of what a log does, and a test double. */
@NullMarked
package dev.holdfast.wal.memory;

import org.jspecify.annotations.NullMarked;
