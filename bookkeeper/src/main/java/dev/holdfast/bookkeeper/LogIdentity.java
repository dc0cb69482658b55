package dev.holdfast.bookkeeper;

/**
 * Identity of a log, independent of the name of its node. Each entry contains the key, so a reader detects an entry of
 * another log. The stored state of the log contains the cluster's id, so opening the log in a cluster without its
 * ledgers is refused.
 *
 * @param key random number, chosen when the log was created or, if it was created by a version without keys, when a
 *     later version first opened it for writing
 * @param clusterId id of the cluster that has the log's ledgers; {@link Cluster#UNNAMED} if that cluster has no id
 */
record LogIdentity(long key, String clusterId) {
    /**
     * Returns this identity with the given cluster id if the cluster had no id before; otherwise returns this identity.
     */
    LogIdentity in(String cluster) {
        return clusterId.equals(Cluster.UNNAMED) ? new LogIdentity(key, cluster) : this;
    }

    /**
     * Checks that the log's ledgers are in this cluster.
     *
     * @throws UnusableClusterException if the ledgers are in another cluster
     */
    void checkIn(String cluster, String where) throws UnusableClusterException {
        if (!clusterId.equals(Cluster.UNNAMED) && !clusterId.equals(cluster)) {
            throw new UnusableClusterException(
                    where + ": the ledgers of this log are in the BookKeeper cluster with instance id " + clusterId
                            + ", but the URI names the cluster with instance id " + cluster
                            + ". Correct the path of the URI, or the metadataPath. Nothing was changed.",
                    null);
        }
    }
}
