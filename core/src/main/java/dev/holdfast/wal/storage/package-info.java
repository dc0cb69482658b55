/**
 * Storage: a flat directory of files, and what of them survives a kill and a power failure. The seam is
 * {@link dev.holdfast.wal.storage.Storage}; {@link dev.holdfast.wal.storage.DiskStorage} is the real disk.
 */
@NullMarked
package dev.holdfast.wal.storage;

import org.jspecify.annotations.NullMarked;
