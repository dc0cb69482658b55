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
 * A BookKeeper cluster: everything below one root node of ZooKeeper. The bookies register at this root, and ledger
 * metadata and ledger numbers are stored below it.
 *
 * <p>A client must take bookies and ledger numbers from the same root. If they came from two roots, the client would
 * write its ledger 0 to bookies that already have a ledger 0 of another application. Therefore the root has one source,
 * the path in the metadata service URI of the options. Opening fails if no bookie has ever registered below this root.
 *
 * @param root the path of the root node
 * @param id the instance id that the cluster got when it was initialised, or {@link #UNNAMED}
 */
record Cluster(String root, String id) {
    /** Id of a cluster whose root has no instance id. BookKeeper's script for a local cluster creates such roots. */
    static final String UNNAMED = "-";

    private static final Pattern NOT_IN_AN_ID = Pattern.compile("[^A-Za-z0-9._-]");

    /** Returns the path of the root node in a metadata service URI. */
    static String rootOf(String metadataServiceUri) {
        return URI.create(metadataServiceUri).getPath();
    }

    /**
     * Finds the cluster whose root is the path of a metadata service URI.
     *
     * @throws UnusableClusterException if no bookie has ever registered at this root
     */
    static Cluster find(ZooKeeper zooKeeper, String metadataServiceUri)
            throws UnusableClusterException, KeeperException, InterruptedException {
        String root = rootOf(metadataServiceUri);
        String available = root + "/" + BookKeeperConstants.AVAILABLE_NODE;
        if (zooKeeper.exists(available, false) == null) {
            throw new UnusableClusterException(
                    metadataServiceUri + ": there is no BookKeeper cluster at " + root
                            + ", because ZooKeeper has no node "
                            + available
                            + ", where bookies register. The path of the URI must be the root that the bookies were started"
                            + " with. Correct the path, or initialise the cluster with `bookkeeper shell initnewcluster`."
                            + " Nothing was written.",
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
     * Checks that the host name of at least one ZooKeeper server can be resolved. If none can, a client without this
     * check would keep trying until its timeout.
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
                metadataServiceUri + ": this machine cannot resolve the host name of any ZooKeeper server (" + servers
                        + "). Correct the URI, or the name service of this machine. Nothing was written.",
                unknown);
    }

    /**
     * Returns whether an error of ZooKeeper is permanent. If so, repeating the request is useless. Returns false if the
     * error may be temporary.
     */
    static boolean isPermanent(KeeperException.Code code) {
        return switch (code) {
            case NOAUTH, AUTHFAILED, INVALIDACL, BADARGUMENTS, UNIMPLEMENTED, SESSIONCLOSEDREQUIRESASLAUTH -> true;
            default -> false;
        };
    }

    static UnusableClusterException refused(KeeperException.Code code, String node) {
        return new UnusableClusterException(
                "ZooKeeper answered " + code + " about node " + node
                        + ": this client lacks a permission. Grant it the permissions to read, create, change and delete"
                        + " below that node. Nothing was changed.",
                KeeperException.create(code, node));
    }
}
