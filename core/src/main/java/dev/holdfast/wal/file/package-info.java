/** The log in a directory of a file system: opening, options, and the report of recovery. */
@NullMarked
package dev.holdfast.wal.file;

import org.jspecify.annotations.NullMarked;
