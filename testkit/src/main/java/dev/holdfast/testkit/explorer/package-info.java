/** Crashes a log everywhere and checks what it comes back with: {@link dev.holdfast.testkit.explorer.Explorer}. */
@NullMarked
package dev.holdfast.testkit.explorer;

import org.jspecify.annotations.NullMarked;
