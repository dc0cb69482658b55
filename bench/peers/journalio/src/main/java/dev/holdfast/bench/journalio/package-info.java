/** Journal.IO, as a contender. */
@NullMarked
package dev.holdfast.bench.journalio;

import org.jspecify.annotations.NullMarked;
