/**
 * Fuzz tests of all code that reads bytes: arbitrary bytes must not cause a hang, excessive memory use or an undeclared
 * exception.
 */
@NullMarked
package dev.holdfast.fuzz;

import org.jspecify.annotations.NullMarked;
