/** The bytes on disk and the rules by which they are valid. Pure functions: no I/O, and no decision about damage. */
@NullMarked
package dev.holdfast.wal.format;

import org.jspecify.annotations.NullMarked;
