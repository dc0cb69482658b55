/**
 * What {@code holdfast demo} does. {@link dev.holdfast.cli.demo.BatchContent} says what is appended,
 * {@link dev.holdfast.cli.demo.Event} what is known about it, {@link dev.holdfast.cli.demo.Checker} (pure) whether a
 * recovered log is right; {@link dev.holdfast.cli.demo.Writer} appends in a process of its own,
 * {@link dev.holdfast.cli.demo.KillRounds} kills that.
 */
@NullMarked
package dev.holdfast.cli.demo;

import org.jspecify.annotations.NullMarked;
