/** Apache Ratis segmented log, as a contender. */
@NullMarked
package dev.holdfast.bench.ratis;

import org.jspecify.annotations.NullMarked;
