package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.wal.CorruptLogException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs many random histories of a log whose metadata store and bookies are in memory and fail. {@code -Dholdfast.seed}
 * repeats one, {@code -Dholdfast.bookkeeper.fakes} sets their number.
 */
@Timeout(value = 3600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FakeClusterHistoryTest {
    // allows for a loaded machine
    private static final Duration BOUND = FakeWorld.TIMEOUT.multipliedBy(2).plusSeconds(20);
    private static final int LIVES = Integer.getInteger("holdfast.bookkeeper.fakes", 3);
    private static final int STEPS = 200;

    @Test
    void nothingIsLostOnAFailingCluster() throws Exception {
        Map<String, Integer> counts = new TreeMap<>();
        Long fixed = Long.getLong("holdfast.seed");
        long first = fixed == null ? new Random().nextLong() : fixed;
        for (int i = 0; i < (fixed == null ? LIVES : 1); i++) {
            long seed = first + i;
            try (FakeWorld world = new FakeWorld()) {
                ClusterHistory history = new ClusterHistory(world, seed, BOUND, 25);
                try {
                    history.run(STEPS);
                } catch (Throwable e) {
                    throw new AssertionError("rerun with -Dholdfast.seed=" + seed, e);
                }
                history.counts().forEach((what, count) -> counts.merge(what, count, Integer::sum));
            }
        }
        System.out.println("nothingIsLostOnAFailingCluster: from seed " + first + ": " + counts);
        assertThat(counts)
                .containsKeys(
                        "appends acknowledged",
                        "replaced handles fenced",
                        "takeovers",
                        "truncates",
                        "trims",
                        "records followed",
                        "removals reported to a follower");
    }

    @ParameterizedTest
    @EnumSource(FakeLedgers.Flaw.class)
    void faultyLedgersAreDetected(FakeLedgers.Flaw flaw) throws Exception {
        assertThat(findOut(world -> world.ledgers.flaw(flaw)))
                .containsPattern(
                        switch (flaw) {
                            case RECOVERY_FENCES_NOBODY -> "a replaced handle has appended record";
                            case RECOVERY_LOSES_AN_ENTRY -> "was durable and is missing|Bookies have lost entries";
                            case ENTRIES_ARE_ALTERED -> "has bytes other than those appended";
                            case IDS_ARE_WRONG -> "expected record";
                        });
    }

    @Test
    void metadataStoreThatIgnoresVersionsIsDetected() throws Exception {
        assertThat(findOut(world -> world.metadata.ignoreVersions()))
                .containsPattern("a replaced handle has appended record");
    }

    @Test
    void correctClusterPassesTheCheck() throws Exception {
        assertThat(findOut(world -> {})).isEmpty();
    }

    private interface Spoiling {
        void spoil(FakeWorld world);
    }

    /**
     * Runs a history on a faulty cluster and returns the failed check's message; empty if all checks pass. Any other
     * error is an error of the test.
     */
    private static String findOut(Spoiling spoiling) throws Exception {
        for (long seed = 1; seed <= 8; seed++) {
            try (FakeWorld world = new FakeWorld()) {
                spoiling.spoil(world);
                new ClusterHistory(world, seed, BOUND, 0).run(100);
            } catch (CorruptLogException | AssertionError found) {
                String said = String.valueOf(found.getMessage());
                System.out.println("detected: " + said.lines().limit(4).toList());
                return said;
            }
        }
        return "";
    }
}
