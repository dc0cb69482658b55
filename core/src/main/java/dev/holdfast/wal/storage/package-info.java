/** Storage: a flat directory of files, with a contract for what survives a kill and a power failure. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.storage;
