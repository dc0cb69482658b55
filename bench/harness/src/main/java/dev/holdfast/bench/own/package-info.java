/** The contenders that are part of the benchmark itself: the bare disk and Holdfast. */
@NullMarked
package dev.holdfast.bench.own;

import org.jspecify.annotations.NullMarked;
