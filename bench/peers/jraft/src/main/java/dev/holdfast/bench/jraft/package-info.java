/** SOFAJRaft RocksDBLogStorage, as a contender. */
@NullMarked
package dev.holdfast.bench.jraft;

import org.jspecify.annotations.NullMarked;
