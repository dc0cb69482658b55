/** The bytes on disk, and when they are valid. Pure: no file is touched, and nothing is decided about what is found. */
@NullMarked
package dev.holdfast.wal.format;

import org.jspecify.annotations.NullMarked;
