package dev.holdfast.bookkeeper;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * The seam to a store that has one small node per log, of text, and changes it by compare-and-set. A future that fails
 * says that the outcome is unknown: the change may have happened, or happen later, unless the node changes before.
 */
interface Metadata {
    /** What a node has, with the version that the next change of it has to name. */
    record Versioned(String state, long version) {}

    /**
     * The node as it is after every change that was acknowledged to anyone before this call; empty if there is none.
     */
    CompletableFuture<Optional<Versioned>> read(String logName);

    /** The version that {@link #read} would give, for a fraction of what the node costs; empty if there is none. */
    CompletableFuture<OptionalLong> version(String logName);

    /** Makes the node and gives its version; empty if there is one already. */
    CompletableFuture<OptionalLong> create(String logName, String state);

    /** Changes the node if it still has this version, and gives the new one; empty if it has another or is gone. */
    CompletableFuture<OptionalLong> compareAndSet(String logName, String state, long expectedVersion);

    /**
     * Removes the node if it still has this version, and is the one that its caller has read: a node of the same name
     * that was made since stays, even if it has come to the same version. True if it was removed, or there is none;
     * false if it has another version.
     *
     * @param caller a number that nobody else uses
     */
    CompletableFuture<Boolean> delete(String logName, long caller, long expectedVersion);

    /** The names of all nodes, in no order. */
    CompletableFuture<List<String>> list();

    /** Where the node of a log is, for messages. */
    String where(String logName);

    /** What tells a log from every other one whose ledgers stand in the same cluster. */
    String id(String logName);
}
