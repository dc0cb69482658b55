/** Reading: from an id to the bytes of its record. Takes no lock, never waits for the writer and never repairs. */
@NullMarked
package dev.holdfast.wal.read;

import org.jspecify.annotations.NullMarked;
