/** Concurrent use of a log: races under jcstress, and whole histories under Lincheck. */
@NullMarked
package dev.holdfast.races;

import org.jspecify.annotations.NullMarked;
