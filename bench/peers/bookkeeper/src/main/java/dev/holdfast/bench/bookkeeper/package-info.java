/** Apache BookKeeper journal, as a contender. */
@NullMarked
package dev.holdfast.bench.bookkeeper;

import org.jspecify.annotations.NullMarked;
