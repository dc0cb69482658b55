/** The process in which one contender is measured. It reads tasks and writes measurements, as lines of text. */
@NullMarked
package dev.holdfast.bench.child;

import org.jspecify.annotations.NullMarked;
