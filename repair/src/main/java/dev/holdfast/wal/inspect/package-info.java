/**
 * Inspection: what stands in a directory, whatever state it is in, and every byte of it read; for people who look after
 * logs.
 */
@NullMarked
package dev.holdfast.wal.inspect;

import org.jspecify.annotations.NullMarked;
