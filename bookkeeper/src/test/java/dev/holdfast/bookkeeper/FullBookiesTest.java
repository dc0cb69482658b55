package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Fills the disks of bookies, which are small file systems, and frees space again. Needs the permission to mount file
 * systems.
 */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FullBookiesTest {
    private static final int STEPS = Integer.getInteger("holdfast.bookkeeper.steps", 15);
    private static final int BOOKIES = 4;

    @TempDir
    Path directory;

    @Test
    void nothingIsLostIfBookieDisksFillUp() throws Exception {
        Optional<Disks> small = Disks.small(directory, BOOKIES);
        assumeTrue(small.isPresent(), "this process may not mount file systems");
        long seed = Long.getLong("holdfast.seed", new Random().nextLong());
        System.out.println("full disks: rerun with -Dholdfast.seed=" + seed);
        try (Disks disks = small.orElseThrow();
                ProcessCluster cluster = new ProcessCluster(directory, Network.loopback(), disks, BOOKIES, 1)) {
            ClusterHistory history = new ClusterHistory(cluster, seed, ProcessCluster.BOUND, 20);
            history.run(STEPS);
            System.out.println("full disks: " + history.counts() + ", " + cluster.disturbances() + ", longest call "
                    + history.longestCall());
            assertThat(history.counts()).containsKeys("appends acknowledged", "checks");
        }
    }
}
