/** The contenders that are always there: the bare disk, and Holdfast. */
@NullMarked
package dev.holdfast.bench.own;

import org.jspecify.annotations.NullMarked;
