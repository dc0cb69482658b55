package dev.holdfast.bookkeeper;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Stores records in ledgers. A ledger is a sequence of immutable entries, numbered from 0. One client writes a ledger,
 * until that client or any other client seals the ledger.
 *
 * <p>This interface is the seam between the log and BookKeeper. Futures fail with a {@link LedgerException}. Some
 * futures never complete, so callers must limit how long they wait.
 */
interface Ledgers {
    /**
     * Replication of a ledger: the number of bookies in its ensemble, the number of these bookies that receive each
     * entry, and the number of bookies that must store an entry before the entry is acknowledged.
     */
    record Replication(int ensemble, int writeQuorum, int ackQuorum) {
        /** Returns the replication for an ensemble of {@code bookies} in which every bookie receives every entry. */
        Replication on(int bookies) {
            return new Replication(bookies, bookies, ackQuorum);
        }
    }

    /**
     * Label that is stored with a ledger: the log to which it belongs, and the epoch of the owner that created it.
     *
     * @param logId see {@link Metadata#id}; the log's name is not enough, because two logs of the same name at two
     *     metadata paths may share a cluster
     */
    record Label(String logId, long epoch) {}

    /** Returns the instance id that the cluster got when it was initialised. */
    String clusterId();

    CompletableFuture<WritableLedger> create(Replication replication, Label label);

    /**
     * Recovers a ledger: fences it, so that its writer can never add entries again, determines its last entry, seals
     * it, and opens it for reading.
     */
    CompletableFuture<ReadableLedger> recover(long ledgerId);

    /** Opens a ledger for reading, even while another client writes it. */
    CompletableFuture<ReadableLedger> open(long ledgerId);

    /** Deletes a ledger. Completes normally if the ledger does not exist. */
    CompletableFuture<@Nullable Void> delete(long ledgerId);

    /** Reads the label of a ledger. The result is empty if the ledger does not exist or belongs to no log. */
    CompletableFuture<Optional<Label>> label(long ledgerId);

    /** Lists the numbers of all ledgers in the cluster, including those of other applications. */
    Listing list();

    /** A listing of ledgers that is in progress. Confined to one thread at a time. */
    interface Listing {
        /** Returns the next ledger numbers in ascending order, or an empty list at the end of the listing. */
        CompletableFuture<List<Long>> next();

        /** Abandons the listing, even if a request is still unanswered. */
        void close();
    }

    /** A ledger that can be read. Thread-safe. */
    interface ReadableLedger {
        long ledgerId();

        /**
         * Reads the entries {@code firstEntry} to {@code lastEntry}, both included. The caller must know that these
         * entries are acknowledged.
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
         * @param callback receives the number of the entry, and the failure, or null if the entry is acknowledged;
         *     called in the order of the entries, on any thread
         */
        void append(byte[] entry, BiConsumer<Long, @Nullable LedgerException> callback);

        /**
         * Returns whether another entry may be sent now. Returns false if the bytes that all ledgers of this client
         * have sent, and that are not yet acknowledged, reach their limit.
         */
        boolean hasRoom();

        /**
         * Returns whether a bookie of this ledger has stopped accepting data. A stalled bookie misses all further
         * entries. New ledgers avoid the bookie if there are enough others.
         */
        boolean hasSlowBookie();

        /**
         * Seals the ledger permanently after its last acknowledged entry. Completes with the number of entries in the
         * ledger.
         */
        CompletableFuture<Long> seal();
    }
}
