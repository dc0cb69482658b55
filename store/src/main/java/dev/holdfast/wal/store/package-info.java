/** A store of many logs on one shared log. {@link dev.holdfast.wal.store.LogStore} is the entry point. */
@org.jspecify.annotations.NullMarked
package dev.holdfast.wal.store;
