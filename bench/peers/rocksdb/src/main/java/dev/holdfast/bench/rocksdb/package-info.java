/** RocksDB, as a contender. */
@NullMarked
package dev.holdfast.bench.rocksdb;

import org.jspecify.annotations.NullMarked;
