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
 * Tells a missing right from a ZooKeeper that does not answer. BookKeeper's client says the same of both, and only the
 * second may pass. So when a ledger could not be made, this tries to make a node where that client makes its first one,
 * in a transaction that cannot succeed and so leaves nothing behind.
 */
final class Rights {
    private static final int NO_VERSION_OF_A_NEW_NODE = 99;

    private final ZooKeeper zooKeeper;
    private final String generator;

    /**
     * The rights of a client.
     *
     * @param root of the cluster
     */
    Rights(ZooKeeper zooKeeper, String root) {
        this.zooKeeper = zooKeeper;
        this.generator = root + "/idgen";
    }

    /** Why a ledger could not be made, given what the client says. */
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
