package dev.holdfast.bookkeeper;

/**
 * Which log it is, whatever its node is called. Entries carry the key, so that an entry of another log is recognised;
 * the state carries the cluster, so that a log is not opened on bookies that do not have it.
 *
 * @param key a random number, chosen when the log was made, or first opened by a version that knows keys
 * @param clusterId where its ledgers are; {@link Cluster#UNNAMED} if that cluster has no id
 */
record LogIdentity(long key, String clusterId) {
    /** This identity, with a name of the cluster that has got one since. */
    LogIdentity in(String cluster) {
        return clusterId.equals(Cluster.UNNAMED) ? new LogIdentity(key, cluster) : this;
    }

    /** Refuses a cluster that is not the log's. */
    void checkIn(String cluster, String where) throws UnusableClusterException {
        if (!clusterId.equals(Cluster.UNNAMED) && !clusterId.equals(cluster)) {
            throw new UnusableClusterException(
                    where + ": the ledgers of this log are in the BookKeeper cluster with instance id " + clusterId
                            + ", the URI names the cluster with instance id " + cluster
                            + ". Correct the path of the URI, or the metadataPath; nothing was changed.",
                    null);
        }
    }
}
