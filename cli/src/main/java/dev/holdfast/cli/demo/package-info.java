/**
 * The checks of {@code holdfast demo}. {@link dev.holdfast.cli.demo.BatchContent} generates the records.
 * {@link dev.holdfast.cli.demo.Writer} appends them in a process of its own and reports each
 * {@link dev.holdfast.cli.demo.Event}. {@link dev.holdfast.cli.demo.KillRounds} kills that process.
 * {@link dev.holdfast.cli.demo.Checker} decides, without I/O, whether the recovered log is correct.
 */
@NullMarked
package dev.holdfast.cli.demo;

import org.jspecify.annotations.NullMarked;
