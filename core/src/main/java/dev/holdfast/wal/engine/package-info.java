/** A log on files: connects the packages below and gives them threads and a clock. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.engine;
