package dev.holdfast.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.explorer.Workload.Feature;
import dev.holdfast.wal.commit.LogSettings;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Attacks the log like {@link CampaignTest}, but with a new random workload in each run. A failure prints its replay.
 */
class StoredLogCrashTest {
    private static final Set<Feature> APPENDS =
            EnumSet.of(Feature.ASYNC, Feature.REOPEN, Feature.EXPLICIT, Feature.LARGE, Feature.PEEK);
    private static final Set<Feature> ALL = EnumSet.allOf(Feature.class);

    private final long seed = Long.getLong("holdfast.seed", new Random().nextLong());
    private final Explorer explorer = new Explorer(new StoredLogSubject(), Effort.QUICK);

    static Stream<LogSettings> settings() {
        return Stream.of(8192, 16384)
                .flatMap(segment -> Stream.of(8, 4096)
                        .flatMap(alignment -> Stream.of(true, false)
                                .map(synced -> new LogSettings(segment, 8192, 16384, 1 << 20, synced, alignment))));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void appendsSurviveCrashes(LogSettings settings) {
        explore(settings, APPENDS, Job.Kind.CRASHES);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void removalsSurviveCrashes(LogSettings settings) {
        explore(settings, ALL, Job.Kind.CRASHES);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void failedOperationsAndCrashesAfterThemLoseNothing(LogSettings settings) {
        explore(settings, ALL, Job.Kind.ERRORS);
    }

    @ParameterizedTest
    @MethodSource("settings")
    void fullDiskLosesNothingAndOpens(LogSettings settings) {
        explore(settings, ALL, Job.Kind.NO_SPACE);
    }

    @Test
    void everyKindOfOperationIsInterruptedByACrash() {
        explorer.explore(
                1,
                new LogSettings(8192, 8192, 16384, 1 << 20, true, 8),
                Workload.parse("append 100; append 5000; maintain; append 5000; truncate 2; append 3000; reopen"));
        assertThat(explorer.statistics().neverCut()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void skippedSyncIsDetected(SkippingStorage.Skipped skipped) {
        Explorer skipping = new Explorer(SkippingStorage.under(new StoredLogSubject(), skipped), Effort.QUICK);
        assertThatThrownBy(() -> {
                    for (long number = 0; number < 20; number++) {
                        skipping.explore(number, Main.smallSettings(number), Workload.random(number, 12, ALL));
                    }
                })
                .isInstanceOf(CrashFailure.class);
    }

    private void explore(LogSettings settings, Set<Feature> features, Job.Kind kind) {
        System.out.println("StoredLogCrashTest: rerun with -Dholdfast.seed=" + seed);
        explorer.explore(new Job("random", seed, settings, Workload.random(seed, 12, features), kind));
    }
}
