package dev.holdfast.bookkeeper;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Stores records in ledgers. A ledger is a sequence of immutable entries, numbered from 0. One client writes it, until
 * that client or any other client seals it.
 *
 * <p>This interface is the seam between the log and BookKeeper. Futures fail with a {@link LedgerException}. Some
 * futures never complete, so callers must limit how long they wait.
 */
interface Ledgers {
    /**
     * Replication of a ledger: number of bookies in its ensemble, number that receive each entry, and number that must
     * acknowledge an entry before it counts.
     */
    record Replication(int ensemble, int writeQuorum, int ackQuorum) {
        /** Returns the replication for an ensemble of {@code bookies} in which every bookie receives every entry. */
        Replication on(int bookies) {
            return new Replication(bookies, bookies, ackQuorum);
        }
    }

    /**
     * Names the log and the owner that created a ledger.
     *
     * @param logId see {@link Metadata#id}; the log's name is not enough, because two logs of the same name at two
     *     metadata paths may share a cluster
     */
    record Label(String logId, long epoch) {}

    /** Returns the instance id that the cluster got when it was initialised. */
    String clusterId();

    CompletableFuture<WritableLedger> create(Replication replication, Label label);

    /** Fences a ledger, so that its writer can never add to it again, determines where it ends, and opens it. */
    CompletableFuture<ReadableLedger> recover(long ledgerId);

    /** Opens a ledger for reading, even while another client writes it. */
    CompletableFuture<ReadableLedger> open(long ledgerId);

    /** Deletes a ledger. Completes normally if the ledger does not exist. */
    CompletableFuture<@Nullable Void> delete(long ledgerId);

    /** Reads the label of a ledger. Empty if the ledger does not exist, or belongs to no log. */
    CompletableFuture<Optional<Label>> label(long ledgerId);

    /** Lists the numbers of all ledgers in the cluster, including those of other applications. */
    Listing list();

    /** A listing of ledgers in progress. Used by one thread. */
    interface Listing {
        /** Returns the next ledger numbers, ascending; an empty list at the end. */
        CompletableFuture<List<Long>> next();

        /** Abandons the listing, even if a request is still unanswered. */
        void close();
    }

    /** A ledger that can be read. Thread-safe. */
    interface ReadableLedger {
        long ledgerId();

        /**
         * Reads the entries {@code firstEntry} to {@code lastEntry}, both included. The caller knows that these entries
         * exist.
         */
        CompletableFuture<List<byte[]>> read(long firstEntry, long lastEntry);

        /** Returns the number of entries that are known to be acknowledged. */
        CompletableFuture<Long> confirmedEntries();

        /** Returns the size of the ledger in bytes. The ledger must be sealed, or opened with recovery. */
        long bytes();

        void close();
    }

    /** A ledger that can be written. */
    interface WritableLedger extends ReadableLedger {
        /**
         * Appends an entry after the previous one.
         *
         * @param callback receives the number of the entry, and null if the entry is acknowledged; called in the order
         *     of the entries, on any thread
         */
        void append(byte[] entry, BiConsumer<Long, @Nullable LedgerException> callback);

        /**
         * Returns whether another entry may be sent now. All ledgers of this client together have a limit on the bytes
         * that were sent and are not yet acknowledged.
         */
        boolean hasRoom();

        /**
         * Returns whether a bookie of this ledger has stopped accepting data. A stalled bookie misses all further
         * entries. New ledgers avoid the bookie if there are enough others.
         */
        boolean hasSlowBookie();

        /** Seals the ledger after its last acknowledged entry, permanently. Completes with the number of entries. */
        CompletableFuture<Long> seal();
    }
}
