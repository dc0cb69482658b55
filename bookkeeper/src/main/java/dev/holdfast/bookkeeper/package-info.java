/**
 * A Holdfast log on Apache BookKeeper. {@link dev.holdfast.bookkeeper.BookKeeperLog} keeps its records in ledgers on an
 * ensemble of bookies, BookKeeper's storage servers. The metadata store is ZooKeeper, in which each log has one node
 * (znode) that lists its ledgers.
 */
@NullMarked
package dev.holdfast.bookkeeper;

import org.jspecify.annotations.NullMarked;
