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
 * Many random lives of a log whose metadata store and bookies are in memory, and fail. {@code -Dholdfast.seed} repeats
 * one, {@code -Dholdfast.bookkeeper.fakes} sets how many.
 */
@Timeout(value = 3600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FakeClusterHistoryTest {
    private static final Duration BOUND = FakeWorld.TIMEOUT.multipliedBy(2).plusSeconds(20); // a loaded machine
    private static final int LIVES = Integer.getInteger("holdfast.bookkeeper.fakes", 6);
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
                        "zombies fenced",
                        "take-overs",
                        "truncates",
                        "trims",
                        "records followed",
                        "followers told of a removal");
    }

    @ParameterizedTest
    @EnumSource(FakeLedgers.Flaw.class)
    void faultyLedgersAreDetected(FakeLedgers.Flaw flaw) throws Exception {
        assertThat(findOut(world -> world.ledgers.flaw(flaw)))
                .containsPattern(
                        switch (flaw) {
                            case RECOVERY_FENCES_NOBODY -> "a handle that was replaced has appended record";
                            case RECOVERY_LOSES_AN_ENTRY -> "was durable and is not there|Bookies have lost entries";
                            case ENTRIES_ARE_ALTERED -> "has other bytes than were appended";
                            case IDS_ARE_WRONG -> "expected record";
                        });
    }

    @Test
    void metadataStoreThatIgnoresVersionsIsDetected() throws Exception {
        assertThat(findOut(world -> world.metadata.ignoreVersions()))
                .containsPattern("a handle that was replaced has appended record");
    }

    @Test
    void correctClusterPassesTheCheck() throws Exception {
        assertThat(findOut(world -> {})).isEmpty();
    }

    private interface Spoiling {
        void spoil(FakeWorld world);
    }

    /**
     * What the checks say of a cluster; nothing, if they say nothing. An error of any other kind is one of the test.
     */
    private static String findOut(Spoiling spoiling) throws Exception {
        for (long seed = 1; seed <= 8; seed++) {
            try (FakeWorld world = new FakeWorld()) {
                spoiling.spoil(world);
                new ClusterHistory(world, seed, BOUND, 0).run(100);
            } catch (CorruptLogException | AssertionError found) {
                String said = String.valueOf(found.getMessage());
                System.out.println("found out: " + said.lines().limit(4).toList());
                return said;
            }
        }
        return "";
    }
}
