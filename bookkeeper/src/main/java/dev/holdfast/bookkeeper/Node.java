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
 * The node of a log, as readers have it: they read its state, and try again what may pass, up to a bound. Thread-safe.
 */
final class Node {
    private final Metadata metadata;
    private final String logName;
    private final String clusterId;

    /**
     * The node of a log.
     *
     * @param clusterId where the reader looks for the log's ledgers
     */
    Node(Metadata metadata, String logName, String clusterId) {
        this.metadata = metadata;
        this.logName = logName;
        this.clusterId = clusterId;
    }

    /** A state, and the version of the node that had it. */
    record Found(LogState state, long version) {}

    /**
     * The state as it is after every change that was acknowledged to anyone before this call.
     *
     * @throws NoSuchFileException if there is no node, or somebody is deleting the log
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

    /** As {@link #read}, which is done only if the node has changed since. */
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

    /** The names of all nodes. */
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
                    throw new LogTimeoutException(what + " failed until the time was over: " + e.getMessage(), e);
                }
            }
        }
    }

    private NoSuchFileException missing() {
        return new NoSuchFileException(metadata.where(logName), null, "there is no such log");
    }
}
