/** Checks of the modules of this project. Not exported. */
@NullMarked
package dev.holdfast.testkit.project;

import org.jspecify.annotations.NullMarked;
