/**
 * Storage: a flat directory of files, with a contract for what survives a kill and a power failure. The interface is
 * {@link dev.holdfast.wal.storage.Storage}; {@link dev.holdfast.wal.storage.DiskStorage} is the real disk.
 */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.storage;
