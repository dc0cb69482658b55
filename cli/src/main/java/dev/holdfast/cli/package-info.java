/**
 * The command-line tool {@code holdfast}, with one class per command. The package {@code dev.holdfast.cli.demo}
 * contains the checks of {@code holdfast demo}.
 */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
