/** Checks the TLA+ modules of this directory with TLC, and compares them with traces of the code. */
@NullMarked
package dev.holdfast.spec;

import org.jspecify.annotations.NullMarked;
