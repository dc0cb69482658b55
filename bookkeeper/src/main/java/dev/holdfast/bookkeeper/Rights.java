package dev.holdfast.bookkeeper;

import dev.holdfast.bookkeeper.LedgerException.Kind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.OpResult.ErrorResult;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;

/**
 * Finds out whether a ledger could not be created because of a missing ZooKeeper permission, which is permanent, or
 * because ZooKeeper does not answer, which is temporary. BookKeeper's client reports the same error for both. Therefore
 * this class tries to create a node at the place where the client creates its first node. The attempt is part of a
 * transaction that always fails, so it changes nothing.
 */
final class Rights {
    private static final int NO_VERSION_OF_A_NEW_NODE = 99;

    private final ZooKeeper zooKeeper;
    private final String generator;

    /**
     * Creates a check of a client's permissions.
     *
     * @param root path of the cluster's root node
     */
    Rights(ZooKeeper zooKeeper, String root) {
        this.zooKeeper = zooKeeper;
        this.generator = root + "/idgen";
    }

    /**
     * Returns why a ledger could not be created.
     *
     * @param reported the error that BookKeeper's client reported
     */
    CompletableFuture<IOException> explain(IOException reported) {
        if (!(reported instanceof LedgerException failed) || failed.kind() != Kind.UNAVAILABLE) {
            return CompletableFuture.completedFuture(reported);
        }
        CompletableFuture<IOException> answer = new CompletableFuture<>();
        String node = generator + "/rights";
        List<Op> neverCommitted = List.of(
                Op.create(node, new byte[0], ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL),
                Op.check(node, NO_VERSION_OF_A_NEW_NODE));
        zooKeeper.multi(
                neverCommitted,
                (code, p, c, results) ->
                        answer.complete(isRefused(results) ? Cluster.refused(Code.NOAUTH, generator) : reported),
                null);
        return answer;
    }

    private static boolean isRefused(List<OpResult> results) {
        return results != null
                && !results.isEmpty()
                && results.get(0) instanceof ErrorResult first
                && first.getErr() == Code.NOAUTH.intValue();
    }
}
