/** H2 MVStore, as a contender. */
@NullMarked
package dev.holdfast.bench.h2;

import org.jspecify.annotations.NullMarked;
