/** Parts of the log by themselves. */
@NullMarked
package dev.holdfast.bench.jmh;

import org.jspecify.annotations.NullMarked;
