/** Repair: a damaged log made one that opens again, at a price that people have agreed to. Nothing is thrown away. */
@NullMarked
package dev.holdfast.wal.repair;

import org.jspecify.annotations.NullMarked;
