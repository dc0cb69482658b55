/** The chain of segment files: which follows which, how one is added, cut, superseded and removed, and the spares. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.chain;
