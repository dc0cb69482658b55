/** Checks of this project's own modules. Not exported. */
@NullMarked
package dev.holdfast.testkit.project;

import org.jspecify.annotations.NullMarked;
