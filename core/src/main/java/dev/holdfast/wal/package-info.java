/** What every log promises: {@link dev.holdfast.wal.Log}, its cursors, its records and its exceptions. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal;
