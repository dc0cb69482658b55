/**
 * Crashes a log at every step and checks its contents after each crash: {@link dev.holdfast.testkit.explorer.Explorer}.
 */
@NullMarked
package dev.holdfast.testkit.explorer;

import org.jspecify.annotations.NullMarked;
