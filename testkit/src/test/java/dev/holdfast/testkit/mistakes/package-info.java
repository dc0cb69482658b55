/** Deliberate mistakes in the core. The normal tests must find every mistake. */
@NullMarked
package dev.holdfast.testkit.mistakes;

import org.jspecify.annotations.NullMarked;
