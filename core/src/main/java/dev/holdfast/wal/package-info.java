/** What every log promises: {@link dev.holdfast.wal.Log}, its cursors, its records and its exceptions. */
@NullMarked
package dev.holdfast.wal;

import org.jspecify.annotations.NullMarked;
