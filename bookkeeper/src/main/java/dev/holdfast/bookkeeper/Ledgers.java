package dev.holdfast.bookkeeper;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The seam to where payload is: ledgers of immutable entries, numbered from 0, that one client writes until it or
 * anybody else seals them. Futures fail with a {@link LedgerException}; some never complete, so whoever waits sets a
 * bound.
 */
interface Ledgers {
    /** On how many bookies: of an ensemble each entry goes to a write quorum, and counts once an ack quorum has it. */
    record Replication(int ensemble, int writeQuorum, int ackQuorum) {
        /** With as many bookies as there may still be. */
        Replication on(int bookies) {
            return new Replication(bookies, bookies, ackQuorum);
        }
    }

    /**
     * Whose a ledger is.
     *
     * @param logId by {@link Metadata#id}: two logs of one name at two paths may share a cluster
     */
    record Label(String logId, long epoch) {}

    /** What the cluster was named when it was initialised. */
    String clusterId();

    CompletableFuture<WritableLedger> create(Replication replication, Label label);

    /** Opens a ledger after keeping its writer, if there is one, from ever adding to it, and settling where it ends. */
    CompletableFuture<ReadableLedger> recover(long ledgerId);

    /** Opens a ledger that somebody may be writing. */
    CompletableFuture<ReadableLedger> open(long ledgerId);

    /** Completes also where the ledger is gone. */
    CompletableFuture<@Nullable Void> delete(long ledgerId);

    /** Whose a ledger is; empty if it does not exist, or is no log's. */
    CompletableFuture<Optional<Label>> label(long ledgerId);

    /** The numbers of all ledgers of the cluster, whoever made them. */
    Listing list();

    /** A listing under way. One thread uses it. */
    interface Listing {
        /** Some more, ascending; empty at the end. */
        CompletableFuture<List<Long>> next();

        /** Gives up the listing, which may be waiting for an answer. */
        void close();
    }

    /** A ledger to read. Thread-safe. */
    interface ReadableLedger {
        long ledgerId();

        /** The entries from one to another, both included, which the caller knows to be there. */
        CompletableFuture<List<byte[]>> read(long firstEntry, long lastEntry);

        /** How many entries are known to be acknowledged. */
        CompletableFuture<Long> confirmedEntries();

        /** What a ledger that was opened with recovery, or is sealed, holds, in bytes. */
        long bytes();

        void close();
    }

    /** A ledger to write. */
    interface WritableLedger extends ReadableLedger {
        /**
         * Adds an entry behind the one before.
         *
         * @param callback in the order of the entries, on any thread: null if it is acknowledged
         */
        void append(byte[] entry, BiConsumer<Long, @Nullable LedgerException> callback);

        /**
         * Whether another entry may be sent now: what was sent and is not acknowledged, by all writers of this client
         * together, has a limit.
         */
        boolean hasRoom();

        /**
         * Whether a bookie of this ledger has stopped to take what is sent to it. It misses entries from then on. New
         * ledgers are made without such a bookie if there are enough others.
         */
        boolean hasSlowBookie();

        /** Ends the ledger behind the last acknowledged entry, for good, and says how many there are. */
        CompletableFuture<Long> seal();
    }
}
