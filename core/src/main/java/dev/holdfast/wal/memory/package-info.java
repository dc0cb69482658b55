/** A log in memory: a model of the contract, and a test double. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.memory;
