/** Chronicle Queue, as a contender. */
@NullMarked
package dev.holdfast.bench.chronicle;

import org.jspecify.annotations.NullMarked;
