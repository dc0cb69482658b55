/** Copies a log file by file, even while another process appends to it. */
@NullMarked
package dev.holdfast.cli.copy;

import org.jspecify.annotations.NullMarked;
