/** A log in memory: a model of the contract, and a test double. */
@NullMarked
package dev.holdfast.wal.memory;

import org.jspecify.annotations.NullMarked;
