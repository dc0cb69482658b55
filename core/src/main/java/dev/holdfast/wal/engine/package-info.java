/** A log on files: connects the packages below and gives them threads and a clock. */
@NullMarked
package dev.holdfast.wal.engine;

import org.jspecify.annotations.NullMarked;
