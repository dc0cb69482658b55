package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.Metadata.Versioned;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Reads the state of a log from its node in the metadata store. Repeats a read that fails for a temporary reason, until
 * the deadline. Thread-safe.
 */
final class Node {
    private final Metadata metadata;
    private final String logName;
    private final String clusterId;

    /**
     * Creates a reader for the node of a log.
     *
     * @param clusterId id of the cluster in which the reader expects the log's ledgers
     */
    Node(Metadata metadata, String logName, String clusterId) {
        this.metadata = metadata;
        this.logName = logName;
        this.clusterId = clusterId;
    }

    /** A state that was read, and the version that the node had at that time. */
    record Found(LogState state, long version) {}

    /**
     * Reads the state, including every change that was acknowledged to any client before this call.
     *
     * @throws NoSuchFileException if there is no node, or the log is being deleted
     * @throws UnusableClusterException if the log's ledgers are in another cluster
     */
    Found read(Deadline deadline) throws IOException {
        Optional<Versioned> found = ask(() -> metadata.read(logName), deadline);
        if (found.isEmpty()) {
            throw missing();
        }
        String where = metadata.where(logName);
        LogState state = StateCodec.decode(found.get().state(), where);
        Manifest.checkNotDeleting(state, where);
        if (state.identity().isPresent()) {
            state.identity().get().checkIn(clusterId, where);
        }
        return new Found(state, found.get().version());
    }

    /**
     * Returns {@code since}, the result of an earlier read, if the node has not changed since. Otherwise reads the node
     * again as {@link #read} does.
     */
    Found readIfChanged(Found since, Deadline deadline) throws IOException {
        OptionalLong version = ask(() -> metadata.version(logName), deadline);
        if (version.isEmpty()) {
            throw missing();
        }
        return version.getAsLong() == since.version() ? since : read(deadline);
    }

    private <T> T ask(Supplier<CompletableFuture<T>> question, Deadline deadline) throws IOException {
        return ask(question, "reading " + metadata.where(logName), deadline);
    }

    /** Returns the names of all nodes. */
    static List<String> list(Metadata metadata, Deadline deadline) throws IOException {
        return ask(metadata::list, "listing logs", deadline);
    }

    private static <T> T ask(Supplier<CompletableFuture<T>> question, String what, Deadline deadline)
            throws IOException {
        for (int tries = 0; ; tries++) {
            try {
                return deadline.await(question.get(), what);
            } catch (MetadataException e) {
                deadline.pause(tries);
                if (deadline.isOver()) {
                    throw new LogTimeoutException(what + " failed until the timeout: " + e.getMessage(), e);
                }
            }
        }
    }

    private NoSuchFileException missing() {
        return new NoSuchFileException(metadata.where(logName), null, "there is no such log");
    }
}
