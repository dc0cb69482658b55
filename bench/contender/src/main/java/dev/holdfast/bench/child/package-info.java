/** The process in which one contender is measured: tasks come in as lines, measurements go out as lines. */
@NullMarked
package dev.holdfast.bench.child;

import org.jspecify.annotations.NullMarked;
