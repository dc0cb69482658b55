/** A log of files in motion: the rooms below, wired together and given their threads and their clock. */
@NullMarked
package dev.holdfast.wal.engine;

import org.jspecify.annotations.NullMarked;
