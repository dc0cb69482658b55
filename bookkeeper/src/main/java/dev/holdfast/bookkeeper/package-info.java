/**
 * A Holdfast log on Apache BookKeeper. {@link dev.holdfast.bookkeeper.BookKeeperLog} keeps its records in ledgers on an
 * ensemble of bookies. One node of a metadata store lists these ledgers.
 */
@NullMarked
package dev.holdfast.bookkeeper;

import org.jspecify.annotations.NullMarked;
