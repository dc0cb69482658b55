/** Tests that every log passes, for those who write one. */
@NullMarked
package dev.holdfast.testkit;

import org.jspecify.annotations.NullMarked;
