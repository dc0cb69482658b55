/** Runs the contenders in processes, measures the foreign load, and computes statistics. */
@NullMarked
package dev.holdfast.bench.run;

import org.jspecify.annotations.NullMarked;
