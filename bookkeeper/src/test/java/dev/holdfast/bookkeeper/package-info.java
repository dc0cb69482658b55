/** Tests of the log on BookKeeper. */
@NullMarked
package dev.holdfast.bookkeeper;

import org.jspecify.annotations.NullMarked;
