package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills one of three ZooKeeper servers at a time, including the leader and the server that clients are connected to.
 */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SeveralZooKeepersTest {
    private static final int STEPS = Integer.getInteger("holdfast.bookkeeper.steps", 15);

    @TempDir
    Path directory;

    @Test
    void nothingIsLostIfOneOfThreeZooKeepersDies() throws Exception {
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("several ZooKeepers: rerun with -Dholdfast.seed=" + seed);
        try (ProcessCluster cluster =
                new ProcessCluster(directory, Network.loopback(), Disks.sideBySide(directory), 4, 3)) {
            ClusterHistory history = new ClusterHistory(cluster, seed, ProcessCluster.BOUND, 20);
            history.run(STEPS);
            System.out.println("several ZooKeepers: " + history.counts() + ", " + cluster.disturbances() + ", "
                    + cluster.proxy().cuts() + " connections cut at a change, longest call " + history.longestCall());
            assertThat(history.counts()).containsKeys("appends acknowledged", "checks");
        }
    }
}
