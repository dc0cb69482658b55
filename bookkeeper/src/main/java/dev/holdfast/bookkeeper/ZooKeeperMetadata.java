package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.apache.bookkeeper.util.ZkUtils;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.jspecify.annotations.Nullable;

/**
 * Stores each log's state in a node of ZooKeeper. Each change names the version that the node must have, and ZooKeeper
 * refuses the change if the node has another version.
 */
final class ZooKeeperMetadata implements Metadata {
    private static final int ANY_VERSION = -1;

    private final ZooKeeper zooKeeper;
    private final String path;
    private final List<ACL> acl;

    /**
     * Creates a store for the nodes below a path.
     *
     * @param acl permissions of the nodes that this client creates
     */
    ZooKeeperMetadata(ZooKeeper zooKeeper, String path, List<ACL> acl) {
        this.zooKeeper = zooKeeper;
        this.path = path;
        this.acl = acl;
    }

    private String node(String logName) {
        return path + "/" + logName;
    }

    @Override
    public String id(String logName) {
        return node(logName);
    }

    @Override
    public String where(String logName) {
        return "ZooKeeper node " + node(logName);
    }

    @Override
    public CompletableFuture<Optional<Versioned>> read(String logName) {
        CompletableFuture<Optional<Versioned>> answer = new CompletableFuture<>();
        String node = node(logName);
        afterSync(
                node,
                answer,
                () -> zooKeeper.getData(
                        node,
                        false,
                        (code, p, c, state, stat) -> {
                            switch (Code.get(code)) {
                                case OK ->
                                    answer.complete(Optional.of(new Versioned(textOf(state), stat.getVersion())));
                                case NONODE -> answer.complete(Optional.empty());
                                default -> answer.completeExceptionally(failed(Code.get(code), node));
                            }
                        },
                        null));
        return answer;
    }

    /** Returns the text of a node; empty if the node has no data, as a node of another application may. */
    private static String textOf(byte @Nullable [] state) {
        return state == null ? "" : new String(state, ISO_8859_1);
    }

    @Override
    public CompletableFuture<OptionalLong> version(String logName) {
        CompletableFuture<OptionalLong> answer = new CompletableFuture<>();
        String node = node(logName);
        afterSync(
                node,
                answer,
                () -> zooKeeper.exists(
                        node,
                        false,
                        (code, p, c, stat) -> {
                            switch (Code.get(code)) {
                                case OK -> answer.complete(OptionalLong.of(stat.getVersion()));
                                case NONODE -> answer.complete(OptionalLong.empty());
                                default -> answer.completeExceptionally(failed(Code.get(code), node));
                            }
                        },
                        null));
        return answer;
    }

    /**
     * Runs a read after a sync with ZooKeeper. Without the sync, the server that answers might not know the latest
     * changes.
     */
    private void afterSync(String node, CompletableFuture<?> answer, Runnable reading) {
        zooKeeper.sync(
                node,
                (code, p, c) -> {
                    if (Code.get(code) == Code.OK) {
                        reading.run();
                    } else {
                        answer.completeExceptionally(failed(Code.get(code), node));
                    }
                },
                null);
    }

    @Override
    public CompletableFuture<OptionalLong> create(String logName, String state) {
        CompletableFuture<OptionalLong> answer = new CompletableFuture<>();
        String node = node(logName);
        ZkUtils.asyncCreateFullPathOptimistic(
                zooKeeper,
                node,
                state.getBytes(ISO_8859_1),
                acl,
                CreateMode.PERSISTENT,
                (code, p, c, name) -> {
                    switch (Code.get(code)) {
                        case OK -> answer.complete(OptionalLong.of(0)); // ZooKeeper counts versions from 0
                        case NODEEXISTS -> answer.complete(OptionalLong.empty());
                        default -> answer.completeExceptionally(failed(Code.get(code), node));
                    }
                },
                null);
        return answer;
    }

    @Override
    public CompletableFuture<OptionalLong> compareAndSet(String logName, String state, long expectedVersion) {
        CompletableFuture<OptionalLong> answer = new CompletableFuture<>();
        String node = node(logName);
        zooKeeper.setData(
                node,
                state.getBytes(ISO_8859_1),
                Math.toIntExact(expectedVersion),
                (code, p, c, stat) -> {
                    switch (Code.get(code)) {
                        case OK -> answer.complete(OptionalLong.of(stat.getVersion()));
                        case BADVERSION, NONODE -> answer.complete(OptionalLong.empty());
                        default -> answer.completeExceptionally(failed(Code.get(code), node));
                    }
                },
                null);
        return answer;
    }

    /**
     * Removes a node in two steps, because a version does not distinguish a node from another node that is created
     * later under the same name. First the caller creates a marker node below the node that it has read. Then one
     * transaction removes the marker and the node. The transaction fails if another client has removed the marker with
     * its node meanwhile.
     */
    @Override
    public CompletableFuture<Boolean> delete(String logName, long caller, long expectedVersion) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        String node = node(logName);
        String mark = node + "/deleted-by-" + Long.toHexString(caller);
        zooKeeper.create(
                mark,
                new byte[0],
                acl,
                CreateMode.PERSISTENT,
                (code, p, c, name) -> {
                    switch (Code.get(code)) {
                        case OK, NODEEXISTS -> deleteMarked(node, mark, expectedVersion, answer);
                        case NONODE -> answer.complete(true);
                        default -> answer.completeExceptionally(failed(Code.get(code), node));
                    }
                },
                null);
        return answer;
    }

    private void deleteMarked(String node, String mark, long expectedVersion, CompletableFuture<Boolean> answer) {
        zooKeeper.getChildren(
                node,
                false,
                (code, p, c, marks) -> {
                    switch (Code.get(code)) {
                        case OK -> deleteAll(node, mark, marks, expectedVersion, answer);
                        case NONODE -> answer.complete(true);
                        default -> answer.completeExceptionally(failed(Code.get(code), node));
                    }
                },
                null);
    }

    private void deleteAll(
            String node, String mark, List<String> marks, long expectedVersion, CompletableFuture<Boolean> answer) {
        List<Op> all = new ArrayList<>();
        // fails the transaction if another client has removed the marker together with the node
        all.add(Op.delete(mark, ANY_VERSION));
        for (String each : marks) {
            String other = node + "/" + each;
            if (!other.equals(mark)) {
                all.add(Op.delete(other, ANY_VERSION)); // marker of a deletion that was interrupted
            }
        }
        all.add(Op.delete(node, Math.toIntExact(expectedVersion)));
        zooKeeper.multi(
                all,
                (code, p, c, results) -> {
                    switch (Code.get(code)) {
                        case OK -> answer.complete(true);
                        case BADVERSION -> answer.complete(false);
                        // the caller tries again
                        default -> answer.completeExceptionally(failed(Code.get(code), node));
                    }
                },
                null);
    }

    @Override
    public CompletableFuture<List<String>> list() {
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        afterSync(
                path,
                answer,
                () -> zooKeeper.getChildren(
                        path,
                        false,
                        (code, p, c, names) -> {
                            switch (Code.get(code)) {
                                case OK -> answer.complete(names);
                                case NONODE -> answer.complete(List.of());
                                default -> answer.completeExceptionally(failed(Code.get(code), path));
                            }
                        },
                        null));
        return answer;
    }

    private static IOException failed(Code code, String node) {
        return Cluster.isPermanent(code)
                ? Cluster.refused(code, node)
                : new MetadataException(
                        "ZooKeeper answered " + code + " about " + node, KeeperException.create(code, node));
    }
}
