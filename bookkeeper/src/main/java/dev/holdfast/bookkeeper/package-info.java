/**
 * The log of Holdfast on Apache BookKeeper: {@link dev.holdfast.bookkeeper.BookKeeperLog} keeps its records in ledgers
 * on an ensemble of bookies, and which ledgers those are in one node of a metadata store.
 */
@NullMarked
package dev.holdfast.bookkeeper;

import org.jspecify.annotations.NullMarked;
