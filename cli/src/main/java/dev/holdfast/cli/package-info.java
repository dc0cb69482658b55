/**
 * The tool {@code holdfast}: one class per command. What {@code demo} proves, and how, is in
 * {@code dev.holdfast.cli.demo}.
 */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
