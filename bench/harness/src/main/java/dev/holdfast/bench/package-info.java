/** The command {@code holdfast bench}. */
@NullMarked
package dev.holdfast.bench;

import org.jspecify.annotations.NullMarked;
