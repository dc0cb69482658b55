package dev.holdfast.bookkeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many random lives of a log whose metadata store and bookies are in memory, and fail. {@code -Dholdfast.seed} repeats one, {@code -Dholdfast.bookkeeper.fakes} sets how many. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FakeClusterHistoryTest {
    private static final Duration BOUND = FakeWorld.TIMEOUT.multipliedBy(2).plusSeconds(20); // a loaded machine
    private static final int LIVES = Integer.getInteger("holdfast.bookkeeper.fakes", 6);
    private static final int STEPS = 200;

    @Test
    void logOnAClusterThatFailsLosesNothing() throws Exception {
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
        System.out.println("logOnAClusterThatFailsLosesNothing: from seed " + first + ": " + counts);
        assertThat(counts).containsKeys("appends acknowledged", "zombies fenced", "take-overs", "truncates", "trims");
    }

    @ParameterizedTest
    @EnumSource(FakeLedgers.Flaw.class)
    void ledgersThatAreNoGoodAreFoundOut(FakeLedgers.Flaw flaw) {
        assertThat(findOut(world -> world.ledgers.flaw(flaw))).isNotNull();
    }

    @Test
    void storeThatIgnoresVersionsIsFoundOut() {
        assertThat(findOut(world -> world.metadata.ignoreVersions())).isNotNull();
    }

    @Test
    void clusterThatIsGoodIsNotFoundOut() {
        assertThat(findOut(world -> {})).isNull();
    }

    private interface Spoiling {
        void spoil(FakeWorld world);
    }

    private static Throwable findOut(Spoiling spoiling) {
        for (long seed = 1; seed <= 8; seed++) {
            try (FakeWorld world = new FakeWorld()) {
                spoiling.spoil(world);
                long number = seed;
                Throwable found = catchThrowable(() -> new ClusterHistory(world, number, BOUND, 0).run(100));
                if (found != null) {
                    System.out.println("found out: "
                            + String.valueOf(found.getMessage())
                                    .lines()
                                    .limit(4)
                                    .toList());
                    return found;
                }
            }
        }
        return null;
    }
}
