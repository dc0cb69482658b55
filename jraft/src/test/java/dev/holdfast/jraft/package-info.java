/** Tests of the log storage, many of them run against JRaft's own on RocksDB too. */
@NullMarked
package dev.holdfast.jraft;

import org.jspecify.annotations.NullMarked;
