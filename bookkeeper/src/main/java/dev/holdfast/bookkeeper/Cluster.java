package dev.holdfast.bookkeeper;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.bookkeeper.util.BookKeeperConstants;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooKeeper;

/**
 * A BookKeeper cluster: everything below one root node of ZooKeeper. Bookies register at that root, and the metadata
 * and the numbers of ledgers are below it.
 *
 * <p>A client that took its bookies from one root and its ledger numbers from another would write ledger 0 on bookies
 * that have a ledger 0 of somebody else. So there is one root, the path of the options' URI, and bookies must have
 * registered at it before.
 *
 * @param root the path of the root node
 * @param id what the cluster was named when it was initialised; {@link #UNNAMED} if it was not
 */
record Cluster(String root, String id) {
    /** The id of a cluster whose root has no instance id, as BookKeeper's script for a local cluster makes it. */
    static final String UNNAMED = "-";

    private static final Pattern NOT_IN_AN_ID = Pattern.compile("[^A-Za-z0-9._-]");

    /** The root that a metadata service URI names. */
    static String rootOf(String metadataServiceUri) {
        return URI.create(metadataServiceUri).getPath();
    }

    /**
     * Looks whether there is a cluster.
     *
     * @throws UnusableClusterException if no bookie was ever at this root
     */
    static Cluster find(ZooKeeper zooKeeper, String metadataServiceUri)
            throws UnusableClusterException, KeeperException, InterruptedException {
        String root = rootOf(metadataServiceUri);
        String available = root + "/" + BookKeeperConstants.AVAILABLE_NODE;
        if (zooKeeper.exists(available, false) == null) {
            throw new UnusableClusterException(
                    metadataServiceUri + ": no BookKeeper cluster is at " + root + ": ZooKeeper has no node "
                            + available
                            + ", where bookies register. Expected the root that the bookies were started with. Correct the"
                            + " path of the URI, or initialise the cluster with `bookkeeper shell initnewcluster`; nothing"
                            + " was written.",
                    null);
        }
        try {
            byte[] id = zooKeeper.getData(root + "/" + BookKeeperConstants.INSTANCEID, false, null);
            String text = id == null ? "" : new String(id, UTF_8).strip();
            return new Cluster(
                    root, text.isEmpty() ? UNNAMED : NOT_IN_AN_ID.matcher(text).replaceAll("_"));
        } catch (KeeperException.NoNodeException e) {
            return new Cluster(root, UNNAMED);
        }
    }

    /**
     * Looks whether at least one server has a name that is known here; otherwise a client would look for it until the
     * timeout.
     *
     * @param servers {@code host:port}, separated by commas
     */
    static void checkHosts(String metadataServiceUri, String servers) throws UnusableClusterException {
        UnknownHostException unknown = null;
        for (String server : List.of(servers.split(","))) {
            try {
                InetAddress.getByName(server.replaceFirst(":[0-9]*$", ""));
                return;
            } catch (UnknownHostException e) {
                unknown = e;
            }
        }
        throw new UnusableClusterException(
                metadataServiceUri + ": no server of ZooKeeper has a host name that is known here (" + servers
                        + "). Correct the URI, or the name service of this machine; nothing was written.",
                unknown);
    }

    /** What an answer of ZooKeeper means that will be the same if it is asked again; null if it may pass. */
    static boolean isPermanent(KeeperException.Code code) {
        return switch (code) {
            case NOAUTH, AUTHFAILED, INVALIDACL, BADARGUMENTS, UNIMPLEMENTED, SESSIONCLOSEDREQUIRESASLAUTH -> true;
            default -> false;
        };
    }

    static UnusableClusterException refused(KeeperException.Code code, String node) {
        return new UnusableClusterException(
                "ZooKeeper answered " + code + " about node " + node
                        + ": this client may not do that. Give it the rights to read, create, change and delete below that"
                        + " node; nothing was changed.",
                KeeperException.create(code, node));
    }
}
