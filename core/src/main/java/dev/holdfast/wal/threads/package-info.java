/** The daemon threads of logs. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.threads;
