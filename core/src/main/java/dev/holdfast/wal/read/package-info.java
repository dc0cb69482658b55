/** Reading: from an id to the bytes of its record. Takes no lock, never waits for the writer and never repairs. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.read;
