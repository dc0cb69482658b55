/** The chain of segment files: how a segment is added, cut, superseded and removed, and the spares for new segments. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.chain;
