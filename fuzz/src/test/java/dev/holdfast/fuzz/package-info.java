/**
 * Bytes that nobody wrote, for everything that reads bytes: nothing hangs, nothing takes more memory than it may,
 * nothing fails undeclared.
 */
@NullMarked
package dev.holdfast.fuzz;

import org.jspecify.annotations.NullMarked;
