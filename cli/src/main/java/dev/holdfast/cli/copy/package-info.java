/** A copy of a log, file by file, while somebody writes it. */
@NullMarked
package dev.holdfast.cli.copy;

import org.jspecify.annotations.NullMarked;
