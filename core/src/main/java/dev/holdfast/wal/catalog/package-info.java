/** What readers see of a log: its segments, its first id and its end. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.catalog;
