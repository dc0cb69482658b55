/** The bytes on disk and the rules by which they are valid. Pure functions: no I/O, and no decision about damage. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.format;
