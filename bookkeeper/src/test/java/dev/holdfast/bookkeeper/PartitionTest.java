package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disconnects bookies in network namespaces, and connects them again. Needs the permission to create namespaces. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PartitionTest {
    private static final int STEPS = Integer.getInteger("holdfast.bookkeeper.steps", 20);
    private static final int BOOKIES = 4;

    @TempDir
    Path directory;

    @Test
    void nothingIsLostIfBookiesAreCutOff() throws Exception {
        Optional<Network> namespaces = Network.namespaces(directory, BOOKIES);
        assumeTrue(namespaces.isPresent(), "this process may not create network namespaces");
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("partitions: rerun with -Dholdfast.seed=" + seed);
        try (Network network = namespaces.orElseThrow();
                ProcessCluster cluster = new ProcessCluster(directory, network, BOOKIES)) {
            ClusterHistory history = new ClusterHistory(cluster, seed, ProcessCluster.BOUND, 20);
            history.run(STEPS);
            System.out.println("partitions: " + history.counts() + ", " + cluster.disturbances() + ", longest call "
                    + history.longestCall());
            assertThat(history.counts()).containsKeys("appends acknowledged", "checks");
        }
    }
}
