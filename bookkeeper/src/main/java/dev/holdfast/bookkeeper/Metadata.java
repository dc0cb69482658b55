package dev.holdfast.bookkeeper;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Stores one small text node per log, and changes nodes by compare-and-set. This interface is the seam between the log
 * and ZooKeeper. If a future fails, the outcome is unknown: the change may have happened. It may also happen later,
 * unless the node changes first.
 */
interface Metadata {
    /** Text of a node, with the version that the next change must name. */
    record Versioned(String state, long version) {}

    /**
     * Reads a node; empty if it does not exist. The result includes every change that was acknowledged to any client
     * before this call.
     */
    CompletableFuture<Optional<Versioned>> read(String logName);

    /**
     * Returns the version that {@link #read} would return, at a fraction of its cost; empty if the node does not exist.
     */
    CompletableFuture<OptionalLong> version(String logName);

    /** Creates a node and returns its version; empty if the node exists already. */
    CompletableFuture<OptionalLong> create(String logName, String state);

    /**
     * Changes a node if it still has the expected version, and returns the new version. Empty if the node has another
     * version or does not exist.
     */
    CompletableFuture<OptionalLong> compareAndSet(String logName, String state, long expectedVersion);

    /**
     * Removes a node if it has the expected version and is the node that the caller has read. A node that was created
     * later under the same name stays, even if it has reached the same version. Completes with true if the node was
     * removed or does not exist, and with false if it has another version.
     *
     * @param caller a number that no other client uses
     */
    CompletableFuture<Boolean> delete(String logName, long caller, long expectedVersion);

    /** Returns the names of all nodes, in no particular order. */
    CompletableFuture<List<String>> list();

    /** Returns the location of a log's node, for messages. */
    String where(String logName);

    /** Returns an identifier that is unique among all logs whose ledgers are in the same cluster. */
    String id(String logName);
}
