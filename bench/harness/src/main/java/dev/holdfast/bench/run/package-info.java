/** Who is measured, on what, in which order; processes, foreign load, and what comes of it in numbers. */
@NullMarked
package dev.holdfast.bench.run;

import org.jspecify.annotations.NullMarked;
