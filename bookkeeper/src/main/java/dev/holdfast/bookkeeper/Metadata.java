package dev.holdfast.bookkeeper;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Stores the state of each log as text in one node (in ZooKeeper, a znode), and changes nodes by compare-and-set. This
 * interface is the seam between the log and ZooKeeper. If a future fails, the outcome is unknown: the change may have
 * happened, or may still happen later, unless another change of the node comes first.
 */
interface Metadata {
    /** Text of a node, and the node's version. The next change must name this version as the expected one. */
    record Versioned(String state, long version) {}

    /**
     * Reads a node; empty if it does not exist. The result includes every change that was acknowledged to any client
     * before this call.
     */
    CompletableFuture<Optional<Versioned>> read(String logName);

    /**
     * Returns the version that {@link #read} would return now, at a fraction of the cost of {@code read}; empty if the
     * node does not exist.
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
     * Removes a node if it has the expected version and is the node that the caller has read. If another node was
     * created later under the same name, that node stays, even if it has reached the same version. Completes with true
     * if the node was removed or does not exist, and with false if it has another version.
     *
     * @param caller a number that identifies the caller and that no other client uses
     */
    CompletableFuture<Boolean> delete(String logName, long caller, long expectedVersion);

    /** Returns the names of all nodes, in no particular order. */
    CompletableFuture<List<String>> list();

    /** Returns the location of a log's node, for messages. */
    String where(String logName);

    /** Returns an identifier that is unique among all logs whose ledgers are in the same cluster. */
    String id(String logName);
}
