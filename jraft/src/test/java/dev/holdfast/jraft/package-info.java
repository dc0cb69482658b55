/** Tests of the log storage. Many of them also run against JRaft's own storage on RocksDB. */
@NullMarked
package dev.holdfast.jraft;

import org.jspecify.annotations.NullMarked;
