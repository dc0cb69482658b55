/** Deliberate mistakes in the core, each of which the normal tests have to find. */
@NullMarked
package dev.holdfast.testkit.mistakes;

import org.jspecify.annotations.NullMarked;
